"""The paths of wallets."""

from django.urls import path

from payments.wallets.api.topups import Topups
from payments.wallets.api.wallets import OneWallet, WalletEntries, Wallets

urlpatterns = [
    path("api/v1/wallets", Wallets.as_view()),
    path("api/v1/wallets/<id:wallet_id>", OneWallet.as_view()),
    path("api/v1/wallets/<id:wallet_id>/entries", WalletEntries.as_view()),
    path("api/v1/wallets/<id:wallet_id>/topups", Topups.as_view()),
]
