"""The paths of merchants."""

from django.urls import path

from payments.merchants.api.merchants import Merchants, OneMerchant

urlpatterns = [
    path("api/v1/merchants", Merchants.as_view()),
    path("api/v1/merchants/<id:merchant_id>", OneMerchant.as_view()),
]
