"""The paths of the module users."""

from django.urls import URLPattern, path

from identity.users.api import me, people

urlpatterns: list[URLPattern] = [
    path("register", me.RegisterView.as_view()),
    path("me", me.MeView.as_view()),
    path("password/change", me.PasswordChangeView.as_view()),
    path("roles", me.RolesView.as_view()),
    path("users", people.UsersView.as_view()),
    path("users/<id:user_id>", people.UserView.as_view()),
    path("users/<id:user_id>/roles", people.UserRolesView.as_view()),
    path("users/<id:user_id>/roles/<slug:role>", people.UserRoleView.as_view()),
    path("users/<id:user_id>/deactivate", people.DeactivateView.as_view()),
    path("audit", people.AuditView.as_view()),
]
