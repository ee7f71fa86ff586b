from django.apps import AppConfig


class ReviewConfig(AppConfig):
    name = "studio.review"
    label = "review"

    def ready(self) -> None:
        """Pictures are made in the app below, which does not know who keeps what is found."""
        from studio.renders.services.inspect import keep_inspections_with
        from studio.review.services.inspections import InspectionKeeper

        keep_inspections_with(InspectionKeeper())
