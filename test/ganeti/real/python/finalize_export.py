"""Runs Ganeti's own end of an export in a directory, with arguments as its daemon gets them."""

import os
import sys

sys.path.insert(0, "/usr/share/ganeti/3.0")

from ganeti import backend, objects, pathutils, serializer

pathutils.EXPORT_DIR = sys.argv[1]
(instance, disks) = serializer.LoadJson(sys.stdin.read())
name = instance["name"]
os.makedirs(os.path.join(pathutils.EXPORT_DIR, name + ".new"))
backend.FinalizeExport(
    objects.Instance.FromDict(instance), [objects.Disk.FromDict(disk) for disk in disks]
)
with open(os.path.join(pathutils.EXPORT_DIR, name, "config.ini"), encoding="utf-8") as made:
    sys.stdout.write(made.read())
