"""Reads an export's description with Ganeti's own code; prints what it says as JSON."""

import json
import sys

sys.path.insert(0, "/usr/share/ganeti/3.0")

from ganeti import backend, objects

info = objects.SerializableConfigParser.Loads(backend.ExportInfo(sys.argv[1]))
print(json.dumps({name: dict(info.items(name)) for name in info.sections()}))
