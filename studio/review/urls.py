from django.urls import path

from studio.review import views

app_name = "review"
urlpatterns = [
    path("review/", views.queue, name="queue"),
    path("review/<uuid:render>/", views.item, name="item"),
    path("review/<uuid:render>/decide/", views.decide_item, name="decide"),
]
