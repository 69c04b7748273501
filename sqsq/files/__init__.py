"""Files that are whole or absent, and that say whose they are."""

from sqsq.files.archive import Archive, read_archive, write_archive
from sqsq.files.json_digest import has_digest, json_digest
from sqsq.files.whole import PARTIAL, whole_file, write_whole

__all__ = [
    "PARTIAL",
    "Archive",
    "has_digest",
    "json_digest",
    "read_archive",
    "whole_file",
    "write_archive",
    "write_whole",
]
