"""Files that people send: in memory, never put down on the way, never more than may be."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import FileUploadHandler


class InMemory(FileUploadHandler):
    """Keeps a file as it comes in; of one that is too large, one byte more than it may have.

    Django would put a file of some megabytes down as a temporary one: a list of people is none.
    """

    def __init__(self, bytes_max: int) -> None:
        super().__init__()
        self.bytes_max = bytes_max
        self._content = bytearray()

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._content = bytearray()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """What is beyond the limit is heard and dropped, so that the sender gets an answer."""
        self._content += raw_data[: max(0, self.bytes_max + 1 - len(self._content))]

    def file_complete(self, file_size: int) -> SimpleUploadedFile:
        content, self._content = bytes(self._content), bytearray()
        return SimpleUploadedFile(self.file_name or "", content)
