"""Signing in and out, the first password of one's own, and where one stands (docs/adr/0010)."""

from django import forms
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from django.views.i18n import set_language

from pratique.desks import door, ledger, people, sentences
from pratique.kit.access import open_to, open_to_all
from pratique.registry import queries as registry


class SignInForm(forms.Form):
    username = forms.CharField(label=_("User name"), max_length=150)
    password = forms.CharField(label=_("Password"), max_length=500, strip=False)


WRONG = _("This user name and password do not belong together. Look at both and try again; "
          "the registrar can give you a new password.")
WAIT = _("Too many attempts. Wait 15 minutes and try again, or ask the registrar.")


def _next(request: HttpRequest) -> str:
    """Where the reader wanted to go, if it is on this server."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return wanted if safe else reverse("home")


@open_to_all
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Known people come in; everybody else hears the same sentence after the same time."""
    if request.user.is_authenticated:
        if not people.has_own_password(request):
            return redirect(f"{reverse('new_password')}?next={_next(request)}")
        if people.standing_of(request) is not None:
            return HttpResponseRedirect(_next(request))
    form = SignInForm(request.POST or None)
    trouble = None
    status = 200
    if request.method == "POST" and form.is_valid():
        trouble = _try(request, form.cleaned_data["username"], form.cleaned_data["password"])
        if trouble is None:
            return redirect(f"{reverse('sign_in')}?next={_next(request)}")
        status = 429 if trouble is WAIT else 422
    return render(request, "desks/pages/sign_in.html", {
        "form": form, "trouble": trouble, "next": _next(request),
        "idle": request.user.is_authenticated}, status=status)


def _try(request: HttpRequest, username: str, password: str):
    """Signs in and answers None, or answers the sentence that says why not."""
    now = door.moment(request)
    address = request.META.get("REMOTE_ADDR") or ""
    if ledger.too_many_failures(username, address, now):
        return WAIT
    user = authenticate(request, username=username, password=password)
    if user is None:
        ledger.note_failure(username, address, now)
        return WRONG
    ledger.forget_failures(username)
    login(request, user)
    return None


@open_to_all
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def new_password(request: HttpRequest) -> HttpResponse:
    """The one-time password opens this page alone; here it is replaced."""
    if not request.user.is_authenticated:
        return redirect("sign_in")
    form = SetPasswordForm(request.user, request.POST or None)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            user = form.save(True)  # noqa: FBT003 - positional in Django too
            ledger.note_password(user.pk, door.moment(request))
            login(request, user, backend="django.contrib.auth.backends.ModelBackend")
            return HttpResponseRedirect(_next(request))
        status = 422
    return render(request, "desks/pages/new_password.html",
                  {"form": form, "next": _next(request)}, status=status)


@open_to_all
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("sign_in")


@open_to_all
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Chosen by the reader, kept in a cookie."""
    return set_language(request)


@open_to(*people.ANYONE)
@require_http_methods(["GET", "HEAD", "POST"])
def me(request: HttpRequest) -> HttpResponse:
    """Who I am here: my duties, the post I stand at, signing out."""
    standing = people.standing_of(request)
    assert standing is not None and request.user.pk is not None, "only people on duty get here"
    if request.method == "POST" and request.POST.get("post") in standing.posts:
        request.session[people.POST] = request.POST["post"]
        return HttpResponseRedirect(reverse("home"))
    duties = [(sentences.role(role), unit) for role, unit in registry.duties_of(request.user.pk)]
    return render(request, "desks/pages/me.html", {"duties": duties})


@open_to_all
def help_page(request: HttpRequest) -> HttpResponse:
    return render(request, "desks/pages/help.html")
