"""Asks the running configuration daemon what it has loaded, and what is wrong with it."""

import json
import sys

sys.path.insert(0, "/usr/share/ganeti/3.0")

from ganeti import errors, wconfd

client = wconfd.Client()
loaded = client.ReadConfig()
try:
    complaints = list(client.VerifyConfig() or [])
except errors.ConfigVerifyError as err:
    complaints = list(err.args[1])
names = sorted(one["name"] for one in loaded["instances"].values())
print(json.dumps({"instances": names, "complaints": complaints}))
