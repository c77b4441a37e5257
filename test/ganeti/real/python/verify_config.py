"""Loads configurations with Ganeti's own code; prints its complaints about each as JSON."""

import json
import sys

sys.path.insert(0, "/usr/share/ganeti/3.0")

from ganeti import config

for path in sys.argv[1:]:
    loaded = config.ConfigWriter(cfg_file=path, offline=True, accept_foreign=True)
    names = sorted(one.name for one in loaded.GetAllInstancesInfo().values())
    print(json.dumps({"instances": names, "complaints": list(loaded.VerifyConfig())}))
