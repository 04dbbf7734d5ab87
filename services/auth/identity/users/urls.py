"""The paths of the module users."""

from django.urls import URLPattern, path

from identity.users.api import audit, me, roles, users

urlpatterns: list[URLPattern] = [
    path("register", me.Registrations.as_view()),
    path("me", me.Me.as_view()),
    path("password/change", me.PasswordChanges.as_view()),
    path("roles", roles.Roles.as_view()),
    path("users", users.Users.as_view()),
    path("users/<id:user_id>", users.OneUser.as_view()),
    path("users/<id:user_id>/roles", roles.UserRoles.as_view()),
    path("users/<id:user_id>/roles/<slug:role>", roles.OneUserRole.as_view()),
    path("users/<id:user_id>/deactivate", users.Deactivations.as_view()),
    path("audit", audit.Audit.as_view()),
]
