"""Bytes: files of this machine and of stores, replaced whole or not at all."""

from diarfix.faces import Face

__getattr__ = Face(
    __name__,
    {
        "cache": ("CacheFolder",),
        "downloads": ("Progress", "download"),
        "local": (
            "BOM",
            "STDOUT",
            "back_up",
            "check_writable",
            "read_bytes",
            "read_text",
            "show",
            "write_stdout",
            "write_text",
        ),
        "paths": (
            "STREAM",
            "beside",
            "file_name",
            "files_inside",
            "files_matching",
            "is_folder",
            "is_pattern",
            "is_url",
            "is_web",
            "join",
            "make_folder",
            "place",
            "recording_id",
        ),
        "remote": ("Remote",),
        "whole": (
            "descriptor",
            "locked",
            "move",
            "open_kept",
            "sha256",
            "whole_or_gone",
            "write_all",
            "write_durably",
            "write_file",
        ),
    },
)
__all__ = [*__getattr__.home]
__dir__ = __getattr__.names
