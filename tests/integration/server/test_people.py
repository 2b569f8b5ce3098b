"""Units, accounts and postings through their services: the rules, what the trail says, and what history keeps."""

import datetime as dt

import pytest
from allauth.mfa.models import Authenticator
from django.db import DatabaseError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from province import BEGUN, PASSWORD
from rukun.server.audit.models import Entry
from rukun.server.audit.queries import verify
from rukun.server.people import services
from rukun.server.people.models import Coverage, DeviceToken, Posting, Role, UnitLevel, User
from rukun.server.people.queries import vacancies, villages_of_codes
from rukun.server.people.scope import scope_of
from rukun.server.territory.models import Area

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
DAY = dt.timedelta(days=1)


def areas(*codes):
    return list(Area.objects.filter(code__in=codes))


def actions():
    return list(Entry.objects.order_by("number").values_list("action", flat=True))


def held_by(user, on):
    return set(scope_of(user, on).villages.values_list("code", flat=True))


def test_only_administrators_write(province):
    officer = province.people["officer"]
    posting = officer.postings.get()
    unit = province.units["north-01"]
    writes = {
        "make_unit": lambda s: services.make_unit(s, "x", "X", UnitLevel.DISTRICT, province.units["polda"]),
        "rename_unit": lambda s: services.rename_unit(s, unit, "Lain"),
        "cover": lambda s: services.cover(s, unit, areas("74.71.02.1001")),
        "uncover": lambda s: services.uncover(s, unit, areas("74.01.01.1001")),
        "change_coverage": lambda s: services.change_coverage(s, unit, [], areas("74.01.01.1001")),
        "succeed_villages": lambda s: services.succeed_villages(
            s, areas("74.01.01.1001"), areas("74.01.01.1002"), TODAY
        ),
        "make_user": lambda s: services.make_user(s, "baru", PASSWORD),
        "rename_user": lambda s: services.rename_user(s, officer, "Lain"),
        "close_account": lambda s: services.close_account(s, officer),
        "reopen_account": lambda s: services.reopen_account(s, officer),
        "set_password": lambda s: services.set_password(s, officer),
        "reset_second_factor": lambda s: services.reset_second_factor(s, officer),
        "post": lambda s: services.post(s, s.user, Role.ADMINISTRATOR, province.units["polda"], TODAY),
        "end_posting": lambda s: services.end_posting(s, posting, TODAY),
        "transfer": lambda s: services.transfer(s, posting, province.units["south-01"], TODAY),
        "set_villages": lambda s: services.set_villages(s, posting, [], TODAY),
    }
    before = Entry.objects.count()
    for name in set(province.people) - {"administrator"}:
        for what, write in writes.items():
            with pytest.raises(services.NotAllowed, match="administrator"):
                write(province.scope(name))
            assert Entry.objects.count() == before, (name, what)


class TestUnits:
    def test_one_is_renamed_and_its_code_stays(self, province):
        unit = province.units["north-01"]
        services.rename_unit(province.scope("administrator"), unit, "  Polsek   Utara ")
        unit.refresh_from_db()
        assert (unit.code, unit.name) == ("north-01", "Polsek Utara")
        assert Entry.objects.first().details == {"before": "Polsek north 01", "after": "Polsek Utara"}
        services.rename_unit(None, unit, "Polsek Utara")
        assert actions()[-1] == "unit.renamed" and actions().count("unit.renamed") == 1, "the same name is no change"

    @pytest.mark.parametrize(("name", "field"), [("", "name"), ("x" * 121, "name"), ("a\0b", "name")])
    def test_a_name_that_is_none_is_refused(self, province, name, field):
        with pytest.raises(services.Refused) as refused:
            services.rename_unit(None, province.units["north"], name)
        assert refused.value.field == field and refused.value.said != str(refused.value)

    @pytest.mark.parametrize("code", ["", "a b", "polda", "x" * 41, "é/"])
    def test_a_code_that_is_none_or_taken_is_refused(self, province, code):
        with pytest.raises(services.Refused) as refused:
            services.make_unit(None, code, "X", UnitLevel.DISTRICT, province.units["polda"])
        assert refused.value.field == "code"

    def test_only_the_lowest_level_covers_and_only_villages(self, province):
        with pytest.raises(services.Refused, match="units below"):
            services.cover(None, province.units["north"], areas("74.01.01.1001"))
        with pytest.raises(services.Refused, match="no village"):
            services.cover(None, province.units["north-01"], areas("74.01.01"))

    def test_a_village_that_changes_hands_leaves_the_officers_of_the_unit_before(self, province):
        officer = province.people["officer"]
        assert services.cover(None, province.units["south-01"], areas("74.01.01.1001", "74.71.01.1001")) == 1
        assert held_by(officer, TODAY) == {"74.01.01.1002"}
        assert held_by(officer, TODAY - DAY) == {"74.01.01.1001", "74.01.01.1002"}
        assert Coverage.objects.get(village__code="74.01.01.1001").unit.code == "south-01"

    def test_uncovered_villages_have_nobody_and_are_seen_as_such(self, province):
        admin = province.scope("administrator")
        assert services.uncover(admin, province.units["north-01"], areas("74.01.01.1002", "74.71.02.1001")) == 1
        assert services.uncover(admin, province.units["north-01"], areas("74.01.01.1002")) == 0
        assert held_by(province.people["officer"], TODAY) == {"74.01.01.1001"}
        assert [a.code for a in vacancies(admin).uncovered] == ["74.01.01.1002"]
        assert actions().count("unit.uncovered") == 1

    def test_coverage_changes_whole_or_not_at_all(self, province):
        unit = province.units["north-01"]
        with pytest.raises(services.Refused, match="no village"):
            services.change_coverage(None, unit, areas("74.01.01"), areas("74.01.01.1001"))
        assert unit.coverage.count() == 3
        with pytest.raises(services.Refused, match="both"):
            services.change_coverage(None, unit, areas("74.01.01.1001"), areas("74.01.01.1001"))

    def test_vacancies_are_those_of_the_scope(self, province):
        everywhere = vacancies(province.scope("administrator"))
        assert {u.code for u in everywhere.headless} == {"south-01", "south-02"}
        assert len(everywhere.without_officer) == 12 - 4 and not everywhere.uncovered
        north = vacancies(province.scope("district"))
        assert not north.headless and {a.code[:8] for a in north.without_officer} == {"74.01.02"}
        assert not vacancies(province.scope("officer")).without_officer
        services.close_account(None, province.people["head"])
        assert [u.code for u in vacancies(province.scope("district")).headless] == ["north-01"]

    def test_codes_of_subdistricts_stand_for_their_villages(self, province):
        found, unknown = villages_of_codes("74.01.01, 74.71.02.1001; 74.01.01.1001\n99.01 x 74.01.01.1009")
        assert [a.code for a in found] == ["74.01.01.1001", "74.01.01.1002", "74.01.01.1003", "74.71.02.1001"]
        assert unknown == ["99.01", "x", "74.01.01.1009"]


class TestPostings:
    def test_villages_change_by_days_and_history_says_who_was_responsible_when(self, province):
        officer = province.people["officer"]
        first = officer.postings.get()
        second = services.set_villages(None, first, areas("74.01.01.1002", "74.01.01.1003"), TODAY)
        assert held_by(officer, TODAY - DAY) == {"74.01.01.1001", "74.01.01.1002"}
        assert held_by(officer, TODAY) == {"74.01.01.1002", "74.01.01.1003"}
        first.refresh_from_db()
        assert (first.ends, second.begins, second.ends) == (TODAY, TODAY, None)
        assert services.set_villages(None, second, areas("74.01.01.1003", "74.01.01.1002"), TODAY) == second
        in_place = services.set_villages(None, second, [], TODAY)
        assert in_place == second and not held_by(officer, TODAY), "on its first day it is changed in place"
        assert Entry.objects.first().details == {
            "unit": "north-01", "gained": [], "lost": ["74.01.01.1002", "74.01.01.1003"],
        }  # fmt: skip

    def test_a_posting_that_ends_keeps_its_end(self, province):
        officer = province.people["officer"]
        held = officer.postings.get()
        services.end_posting(None, held, TODAY + 30 * DAY)
        changed = services.set_villages(None, held, areas("74.01.01.1003"), TODAY)
        assert changed.ends == TODAY + 30 * DAY
        with pytest.raises(services.Refused, match="ended"):
            services.set_villages(None, held, [], TODAY)

    def test_only_officers_have_villages_and_only_what_their_unit_covers(self, province):
        head = province.people["head"].postings.get()
        with pytest.raises(services.Refused, match="only a village officer"):
            services.set_villages(None, head, areas("74.01.01.1001"), TODAY)
        officer = province.people["officer"].postings.get()
        with pytest.raises(services.Refused, match="doesn't cover"):
            services.set_villages(None, officer, areas("74.71.02.1001"), TODAY)
        assert held_by(province.people["officer"], TODAY) == {"74.01.01.1001", "74.01.01.1002"}

    @pytest.mark.parametrize("begins", [BEGUN - 400 * DAY, BEGUN, TODAY, TODAY + 400 * DAY])
    def test_none_overlaps_itself(self, province, begins):
        with pytest.raises(services.Refused):
            services.post(None, province.people["officer"], Role.VILLAGE_OFFICER, province.units["north-01"], begins)

    def test_the_database_refuses_an_overlap_whoever_asks(self, province):
        held = province.people["officer"].postings.get()
        same = {"user": held.user, "role": held.role, "unit": held.unit}
        services.end_posting(None, held, TODAY)
        Posting.objects.create(**same, begins=TODAY)
        Posting.objects.create(**same, begins=BEGUN - 10 * DAY, ends=BEGUN)
        Posting.objects.create(**same, begins=TODAY - DAY, ends=TODAY - DAY)
        for begins, ends in ((TODAY - DAY, TODAY), (TODAY - DAY, TODAY + DAY), (BEGUN - DAY, BEGUN + DAY)):
            with pytest.raises(DatabaseError, match="overlaps"), transaction.atomic():
                Posting.objects.create(**same, begins=begins, ends=ends)
        with pytest.raises(DatabaseError, match="overlaps"), transaction.atomic():
            Posting.objects.filter(pk=held.pk).update(ends=TODAY + DAY)

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(spans=st.lists(st.tuples(st.integers(0, 12), st.integers(0, 6)), max_size=6))
    def test_of_any_postings_no_day_has_the_same_twice(self, province, spans):
        with transaction.atomic():
            Posting.objects.filter(user=province.people["nobody"]).delete()
            days = [0] * 40
            for begins, length in spans:
                first = BEGUN + begins * DAY
                free = not any(days[begins:])  # a posting reaches on without an end, before it is given one
                try:
                    made = services.post(None, province.people["nobody"], Role.AUDITOR, province.units["polda"], first)
                except services.Refused:
                    assert not free
                    continue
                assert free
                services.end_posting(None, made, first + length * DAY)
                for day in range(begins, begins + length):
                    days[day] += 1
            assert max(days) <= 1

    def test_a_transfer_moves_on_the_day_and_back_again(self, province):
        officer = province.people["officer"]
        first = officer.postings.get()
        there = services.transfer(None, first, province.units["south-02"], TODAY, areas("74.71.02.1002"))
        assert held_by(officer, TODAY - DAY) == {"74.01.01.1001", "74.01.01.1002"}
        assert held_by(officer, TODAY) == {"74.71.02.1002"}
        with pytest.raises(services.Refused, match="doesn't cover"):
            services.transfer(None, there, province.units["north-01"], TODAY, areas("74.71.02.1002"))
        assert officer.postings.filter(ends=None).get() == there, "a transfer that is refused ends nothing"

    def test_a_closed_account_and_a_village_that_is_no_more_are_refused(self, province):
        services.close_account(None, province.people["nobody"])
        with pytest.raises(services.Refused, match="closed"):
            services.post(None, User.objects.get(username="nobody"), Role.AUDITOR, province.units["polda"], TODAY)
        Area.objects.filter(code="74.01.01.1003").update(valid_to=TODAY)
        with pytest.raises(services.Refused, match="no more"):
            services.set_villages(
                None, province.people["officer"].postings.get(), areas("74.01.01.1003", "74.01.01.1001"), TODAY
            )


class TestLastAdministrator:
    def test_none_can_be_removed_while_it_is_the_last(self, province):
        admin = province.people["administrator"]
        asking, held = province.scope("administrator"), admin.postings.get()
        for what in (
            lambda: services.end_posting(asking, held, TODAY),
            lambda: services.end_posting(asking, held, TODAY + 365 * DAY),
            lambda: services.end_posting(None, held, TODAY),
            lambda: services.close_account(asking, admin),
            lambda: services.transfer(asking, held, province.units["polda"], TODAY + DAY),
        ):
            with pytest.raises(services.Refused, match="no administrator"):
                what()
        admin.refresh_from_db()
        assert admin.is_active and scope_of(admin).has(Role.ADMINISTRATOR) and "user.closed" not in actions()

    def test_a_successor_who_serves_already_sets_them_free(self, province):
        admin, other = province.people["administrator"], province.people["nobody"]
        asking, held = province.scope("administrator"), admin.postings.get()
        later = services.post(asking, other, Role.ADMINISTRATOR, province.units["polda"], TODAY + DAY)
        with pytest.raises(services.Refused, match="no administrator"):
            services.end_posting(asking, held, TODAY)
        services.end_posting(asking, later, TODAY + DAY)
        services.post(asking, other, Role.ADMINISTRATOR, province.units["polda"], TODAY)
        services.end_posting(asking, held, TODAY)
        assert not scope_of(admin).postings and Entry.objects.first().actor == admin.actor


class TestAccounts:
    def test_a_new_one_time_password_ends_devices_and_is_nowhere_but_in_the_answer(self, province):
        officer = province.people["officer"]
        services.register_device(officer, "phone")
        password = services.set_password(province.scope("administrator"), officer)
        officer.refresh_from_db()
        assert officer.check_password(password) and not officer.check_password(PASSWORD)
        assert officer.must_change_password and DeviceToken.objects.get().revoked_at is not None
        assert password not in str(list(Entry.objects.values())) + str(list(User.objects.values()))
        assert actions()[-2:] == ["device.revoked", "password.given"]
        services.change_own(officer, "another long phrase")
        officer.refresh_from_db()
        assert not officer.must_change_password and actions()[-1] == "password.changed"

    def test_administrators_change_their_own_where_the_old_one_is_asked_for(self, province):
        with pytest.raises(services.Refused, match="own password"):
            services.set_password(province.scope("administrator"), province.people["administrator"])

    def test_closing_keeps_history_and_ends_all_else(self, province):
        officer = province.people["officer"]
        services.register_device(officer, "phone")
        services.post(None, officer, Role.VILLAGE_OFFICER, province.units["north-02"], TODAY + 5 * DAY)
        services.close_account(province.scope("administrator"), officer)
        officer.refresh_from_db()
        assert not officer.is_active and not officer.has_usable_password()
        assert not scope_of(officer).postings and not scope_of(officer, TODAY + 9 * DAY).postings
        assert {(p.begins, p.ends) for p in officer.postings.all()} == {
            (BEGUN, TODAY), (TODAY + 5 * DAY, TODAY + 5 * DAY),
        }  # fmt: skip
        assert DeviceToken.objects.get().revoked_at is not None
        with pytest.raises(services.Refused, match="closed already"):
            services.close_account(None, officer)
        with pytest.raises(services.Refused, match="reopen"):
            services.set_password(None, officer)

    def test_reopened_it_has_a_new_password_and_no_posting(self, province):
        officer = province.people["officer"]
        with pytest.raises(services.Refused, match="is open"):
            services.reopen_account(None, officer)
        services.close_account(None, officer)
        password = services.reopen_account(None, officer)
        officer.refresh_from_db()
        assert officer.is_active and officer.check_password(password) and officer.must_change_password
        assert not scope_of(officer).postings and set(actions()[-2:]) == {"user.reopened", "password.given"}
        assert not verify().faults

    def test_a_lost_phone_loses_its_second_factor_and_the_password_it_may_hold(self, province):
        head = province.people["head"]
        Authenticator.objects.create(user=head, type="totp", data={"secret": "x"})
        Authenticator.objects.create(user=province.people["district"], type="totp", data={"secret": "x"})
        password = services.reset_second_factor(province.scope("administrator"), head)
        head.refresh_from_db()
        assert [a.user.username for a in Authenticator.objects.all()] == ["district"]
        assert head.check_password(password) and head.must_change_password
        assert actions()[-2:] == ["password.given", "second_factor.reset"]

    @pytest.mark.parametrize(
        ("username", "password", "field"),
        [("OFFICER", PASSWORD, "username"), ("", PASSWORD, "username"), ("a b", PASSWORD, "username"),
         ("x" * 151, PASSWORD, "username"), ("baru", "short", "password"), ("baru", "1234567890123", "password")],
    )  # fmt: skip
    def test_names_in_use_and_weak_passwords_are_refused(self, province, username, password, field):
        with pytest.raises(services.Refused) as refused:
            services.make_user(None, username, password)
        assert refused.value.field == field

    def test_the_name_of_a_device_is_masked(self, province):
        token, _ = services.register_device(province.people["officer"], "HP 0812 3456 7890")
        assert token.name == "HP [telepon]"


class TestSuccession:
    def test_a_split_goes_on_with_unit_and_officer(self, province):
        from rukun.io.problems import ProblemLog
        from rukun.server.territory.importing import take_up

        new = {"code": "74.01.01.1009", "name": "Desa Baru", "kind": "desa"}
        take_up({new["code"]: new}, ProblemLog(), "system")
        services.succeed_villages(None, areas("74.01.01.1001"), areas("74.01.01.1001", "74.01.01.1009"), TODAY)
        assert Coverage.objects.get(village__code="74.01.01.1009").unit.code == "north-01"
        officer = province.people["officer"]
        assert held_by(officer, TODAY) == {"74.01.01.1001", "74.01.01.1002", "74.01.01.1009"}
        assert held_by(officer, TODAY - DAY) == {"74.01.01.1001", "74.01.01.1002"}

    def test_a_merger_ends_the_old_ones_and_officers_take_the_new(self, province):
        old = areas("74.01.01.1001", "74.01.01.1003")
        assert services.succeed_villages(None, [*old, *areas("74.01.01.1002")], areas("74.01.01.1002"), TODAY)
        assert not services.succeed_villages(None, [*old, *areas("74.01.01.1002")], areas("74.01.01.1002"), TODAY)
        assert held_by(province.people["officer"], TODAY) == {"74.01.01.1002"}
        assert held_by(province.people["neighbour"], TODAY) == {"74.01.01.1002"}
        assert held_by(province.people["neighbour"], TODAY - DAY) == {"74.01.01.1003"}
        assert set(Area.objects.filter(valid_to=TODAY).values_list("code", flat=True)) == {a.code for a in old}

    def test_across_units_what_is_new_is_vacant_and_a_bad_date_is_refused_whole(self, province):
        from rukun.io.problems import ProblemLog
        from rukun.server.territory.importing import take_up

        new = {"code": "74.01.01.1009", "name": "Desa Baru", "kind": "desa"}
        take_up({new["code"]: new}, ProblemLog(), "system")
        services.succeed_villages(None, areas("74.01.01.1001", "74.01.02.1001"), areas("74.01.01.1009"), TODAY)
        assert [a.code for a in vacancies(province.scope("administrator")).uncovered] == ["74.01.01.1009"]
        with pytest.raises(services.Refused, match="doesn't exist"):
            services.succeed_villages(None, areas("74.01.01.1001"), areas("74.01.01.1002"), TODAY + DAY)
