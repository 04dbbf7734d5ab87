"""The paths of payment intents."""

from django.urls import path

from payments.intents.api.intents import CancelIntent, ConfirmIntent, Intents, OneIntent
from payments.intents.api.refunds import OneRefund, Refunds

urlpatterns = [
    path("api/v1/payments/intents", Intents.as_view()),
    path("api/v1/payments/intents/<id:intent_id>", OneIntent.as_view()),
    path("api/v1/payments/intents/<id:intent_id>/confirm", ConfirmIntent.as_view()),
    path("api/v1/payments/intents/<id:intent_id>/cancel", CancelIntent.as_view()),
    path("api/v1/payments/intents/<id:intent_id>/refunds", Refunds.as_view()),
    path("api/v1/payments/refunds/<id:refund_id>", OneRefund.as_view()),
]
