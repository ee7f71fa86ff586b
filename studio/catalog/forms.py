"""Uploads without script."""

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict

ACCEPTED_PHOTOS = "image/jpeg,image/png,image/webp,image/avif,image/heic,image/heif,image/tiff"


class ManyFilesInput(forms.ClearableFileInput):
    """A file picker for several files at once."""

    allow_multiple_selected = True

    def value_from_datadict(
        self, data: object, files: "MultiValueDict[str, UploadedFile[bytes]]", name: str
    ) -> "list[UploadedFile[bytes]]":
        return files.getlist(name)


class PhotosField(forms.FileField):
    """One file or more."""

    widget = ManyFilesInput(attrs={"accept": ACCEPTED_PHOTOS})

    def clean(
        self, data: "list[UploadedFile[bytes]]", initial: object = None
    ) -> "list[UploadedFile[bytes]]":
        if not data:
            raise forms.ValidationError("Choose a photo first.", code="required")
        return [super(PhotosField, self).clean(file, initial) for file in data]


class UploadForm(forms.Form):
    """One product for each photo; a title makes sense for a single one."""

    # The stubs know a form's uploads by this name; Django takes declared fields off the class.
    files = PhotosField(label="Photos")  # type: ignore[assignment]
    title = forms.CharField(max_length=200, required=False)
