from django.urls import path

from studio.publishing import delivery, views

app_name = "publishing"
urlpatterns = [
    path("published/", views.published, name="published"),
    path("published/export/", views.export, name="export"),
    path("published/<uuid:publication>/", views.publication_page, name="publication"),
    path("published/<uuid:publication>/withdraw/", views.withdraw_publication, name="withdraw"),
    path("products/renders/<uuid:render>/publish/", views.publish_render, name="publish"),
    path("shop/<uuid:product>/", views.shop_page, name="shop"),
    path("p/<uuid:publication>/<str:name>", delivery.variant, name="variant"),
]
