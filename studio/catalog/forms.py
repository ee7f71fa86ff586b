"""Uploads without script."""

from typing import ClassVar

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict

ACCEPTED_PHOTOS = "image/jpeg,image/png,image/webp,image/avif,image/heic,image/heif,image/tiff"


class ManyFilesInput(forms.ClearableFileInput):
    """A file picker for several files at once."""

    allow_multiple_selected = True

    def value_from_datadict(
        self, data: object, files: MultiValueDict[str, UploadedFile], name: str
    ) -> list[UploadedFile]:
        return files.getlist(name)


class PhotosField(forms.FileField):
    """One file or more."""

    widget = ManyFilesInput(attrs={"accept": ACCEPTED_PHOTOS})
    default_error_messages: ClassVar[dict[str, str]] = {"required": "Choose a photo first."}

    def clean(  # type: ignore[override]
        self, data: list[UploadedFile], initial: object = None
    ) -> list[UploadedFile]:
        if not data:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return [super(PhotosField, self).clean(file, initial) for file in data]


class UploadForm(forms.Form):
    """One product for each photo; a title makes sense for a single one."""

    files = PhotosField(label="Photos")
    title = forms.CharField(max_length=200, required=False)
