from django.urls import path, re_path

from studio.review.views import queue, record, rules

app_name = "review"
urlpatterns = [
    path("review/", queue.queue, name="queue"),
    path("review/hold/", queue.hold, name="hold"),
    path("review/release/", queue.release, name="release"),
    path("review/undo/", queue.undo, name="undo"),
    path("review/bulk/", rules.bulk, name="bulk"),
    path("review/batches/<uuid:batch>/sample/", rules.draw_sample, name="draw_sample"),
    path("review/rules/", rules.policy, name="policy"),
    path("review/views/", rules.save_view, name="save_view"),
    path("review/views/<uuid:view>/delete/", rules.delete_view, name="delete_view"),
    path("review/keys/", rules.keys, name="keys"),
    path("review/record/", record.record, name="record"),
    re_path(r"^review/record\.(?P<format>csv|json)$", record.export, name="export"),
    path("review/figures/", record.figures, name="figures"),
    path("review/<uuid:render>/", queue.item, name="item"),
    path("review/<uuid:render>/decide/", queue.decide_item, name="decide"),
]
