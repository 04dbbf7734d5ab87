"""The paths of wallets."""

from django.urls import path

from payments.wallets.api import OneWallet, WalletEntries, Wallets
from payments.wallets.api_topups import Topups

urlpatterns = [
    path("api/v1/wallets", Wallets.as_view()),
    path("api/v1/wallets/<id:wallet_id>", OneWallet.as_view()),
    path("api/v1/wallets/<id:wallet_id>/entries", WalletEntries.as_view()),
    path("api/v1/wallets/<id:wallet_id>/topups", Topups.as_view()),
]
