"""The application of the books module."""

from django.apps import AppConfig


class BooksConfig(AppConfig):
    name = "payments.books"
    label = "books"
