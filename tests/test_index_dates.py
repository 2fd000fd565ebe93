"""Dates in words: whole strings, times in articles, and the period a question means."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.dates import Period, Relation, describe, find_times, parse_date, read_period
from index.moment import Moment, Precision

THURSDAY = Moment.day(2023, 11, 16)
AS_OF = datetime(2023, 11, 16, 12, 0, tzinfo=UTC)


# --- whole strings ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023", "2023"),
        ("2023-11", "2023-11"),
        ("2023-11-16", "2023-11-16"),
        ("2023-11-16T10:00:00+09:00", "2023-11-16T01:00:00Z"),
        ("2023-11-16T10:00:00.123456Z", "2023-11-16T10:00:00Z"),
        ("March 14, 2024", "2024-03-14"),
        ("14 March 2024", "2024-03-14"),
        ("  14   March\u00a02024 ", "2024-03-14"),
        ("16th of November, 2023", "2023-11-16"),
        ("Sept. 5, 2023", "2023-09-05"),
        ("SEPT. 5, 2023", "2023-09-05"),
        ("May 5 2023", "2023-05-05"),
        ("September 2023", "2023-09"),
        ("Sept. 2023", "2023-09"),
        ("Thursday, 16 November 2023", "2023-11-16"),
        ("2023/11/16", "2023-11-16"),
        ("2023.11.16", "2023-11-16"),
        ("2023. 11. 16.", "2023-11-16"),
        ("2023年11月16日", "2023-11-16"),
        ("20231116", "2023-11-16"),
        ("16.11.2023", "2023-11-16"),
        ("3.4.2024", "2024-04-03"),
        ("11/16/2023", "2023-11-16"),
        ("16/11/2023", "2023-11-16"),
        ("04/04/2024", "2024-04-04"),
        ("16-Nov-2023", "2023-11-16"),
        ("16-Nov-23", "2023-11-16"),
        ("Thu, 16 Nov 2023 10:00:00 +0900", "2023-11-16T01:00:00Z"),
        ("Thu, 16 Nov 2023 10:00:00 +0900 (KST)", "2023-11-16T01:00:00Z"),
        ("Thu, 16 Nov 23 10:00:00 GMT", "2023-11-16T10:00:00Z"),
        ("Thu Nov 16 10:00:00 KST 2023", "2023-11-16T01:00:00Z"),
        ("Nov. 16, 2023 3:45 p.m. EST", "2023-11-16T20:45Z"),
        ("3:45 p.m. EST, Nov. 16, 2023", "2023-11-16T20:45Z"),
        ("20:24 November 16, 2023", "2023-11-16T20:24Z"),
        ("Nov 16, 2023, 10:00 AM ET", "2023-11-16T15:00Z"),
        ("July 4, 2023, 10:00 AM ET", "2023-07-04T14:00Z"),
        ("Nov 16, 2023 12:05 a.m. UTC", "2023-11-16T00:05Z"),
        ("Nov 16, 2023 12 p.m. UTC", "2023-11-16T12:00Z"),
        ("16 Nov 2023 | 10:00", "2023-11-16T10:00Z"),
        ("29 February 2024", "2024-02-29"),
        ("31 December 9999", "9999-12-31"),
    ],
)
def test_a_string_that_is_a_date_is_read_as_precisely_as_it_is_written(text, expected):
    moment = parse_date(text)
    assert moment is not None
    assert moment.isoformat() == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "Nov. 16",
        "Posted 16 November 2023",
        "16 November 2023 10",
        "30 February 2023",
        "29 February 2023",
        "Nov 16, 2023 25:00",
        "Nov 16, 2023 13:00 p.m.",
        "Nov 16, 2023 10:00 XYZT",
        "Thu, 16 Nov 2023 10:00:00 +1900",
        "January 1, 0001 00:00 +1400",
        "31 Dec 9999 23:59:59 -1000",
        "2023-13-01",
        "２０２３",
        "1 " * 5000,
    ],
)
def test_a_string_that_is_not_a_date_is_refused(text):
    assert parse_date(text) is None


def test_a_slashed_date_with_two_meanings_needs_to_be_told_which_number_is_the_day():
    assert parse_date("03/04/2024") is None
    assert parse_date("03/04/2024", day_first=True) == Moment.day(2024, 4, 3)
    assert parse_date("03/04/2024", day_first=False) == Moment.day(2024, 3, 4)


@given(st.dates())
def test_every_day_survives_being_written_out(day):
    expected = Moment.day(day.year, day.month, day.day)
    name = f"{day:%B}"
    assert parse_date(f"{day.day} {name} {day.year:04d}") == expected
    assert parse_date(f"{name} {day.day}, {day.year:04d}") == expected
    assert parse_date(f"{day.day}.{day.month}.{day.year:04d}") == expected


@given(st.text(max_size=90))
@example("1" * 80)
@example("auguſt 2023")
def test_no_string_makes_the_parser_fail(text):
    parse_date(text)


# --- times in articles -----------------------------------------------------------------------

# The story is of Thursday, 16 November 2023; None stands for found, but not to be placed.
ARTICLE_TIMES = [
    # weekdays
    ("He arrived in Pyongyang on Tuesday to attend.", "Tuesday", "14 November 2023"),
    ("State media reported Thursday.", "Thursday", "16 November 2023"),
    ("The talks on Friday failed.", "Friday", "10 November 2023"),
    ("He will arrive on Tuesday.", "Tuesday", "21 November 2023"),
    ("The report is due Friday.", "Friday", "17 November 2023"),
    ("Talks are scheduled to be held Monday.", "Monday", "20 November 2023"),
    ("On Monday, the council will vote.", "Monday", "20 November 2023"),
    ("On Monday, the council voted.", "Monday", "13 November 2023"),
    ("The panel, which will vote later, said Monday it agrees.", "Monday", "13 November 2023"),
    ("The trial of Tom Brandt resumes on Monday.", "Monday", "20 November 2023"),
    ("Voters go to the polls on Sunday.", "Sunday", "19 November 2023"),
    ("Schools reopen on Monday.", "Monday", "20 November 2023"),
    ("On Monday the law takes effect.", "Monday", "20 November 2023"),
    ("The new fare applies from Feb. 1.", "Feb. 1", "1 February 2024"),
    ("The tunnel closes for repairs on March 3.", "March 3", "3 March 2024"),
    # A story looks ahead with these, a caption back.
    ("The king visits Kenya on Friday.", "Friday", None),
    ("The committee meets on Thursday.", "Thursday", "16 November 2023"),
    ("Kim meets Putin on Tuesday, state media said.", "Tuesday", "14 November 2023"),
    ("The council met on Monday after visits to schools.", "Monday", "13 November 2023"),
    ("They met last Tuesday.", "last Tuesday", "14 November 2023"),
    ("They met last Thursday.", "last Thursday", "9 November 2023"),
    ("They meet next Tuesday.", "next Tuesday", "21 November 2023"),
    ("They meet this Friday.", "this Friday", "17 November 2023"),
    ("They met this past Sunday.", "this past Sunday", "12 November 2023"),
    ("They meet this coming Thursday.", "this coming Thursday", "23 November 2023"),
    ("It was raised at Tuesday's meeting.", "Tuesday's", "14 November 2023"),
    ("It fell on Tuesday last week.", "Tuesday last week", "7 November 2023"),
    ("It fell on Wednesday of last week.", "Wednesday of last week", "8 November 2023"),
    ("It began at 5 p.m. Monday in Seoul.", "5 p.m. Monday", "13 November 2023"),
    ("Rams at Cardinals\nSunday, 4:05 p.m. ET", "Sunday, 4:05 p.m.", "19 November 2023"),
    ("NOVEMBER 10: Two boxers fight.", "NOVEMBER 10", "10 November 2023"),
    ("It began Monday night.", "Monday night", "13 November 2023"),
    ("It ended following Tuesday's vote.", "Tuesday's", "14 November 2023"),
    ("It ended the following Tuesday.", "following Tuesday", None),
    ("It ran from Monday to Wednesday.", "Monday to Wednesday", "13-15 November 2023"),
    # days counted from the story
    ("He left yesterday.", "yesterday", "15 November 2023"),
    ("He left the day before yesterday.", "the day before yesterday", "14 November 2023"),
    ("He leaves tomorrow morning.", "tomorrow morning", "17 November 2023"),
    ("He leaves tonight.", "tonight", "16 November 2023"),
    ("He left last night.", "last night", "15 November 2023"),
    ("He left three days ago.", "three days ago", "13 November 2023"),
    ("He left 10 days ago.", "10 days ago", "6 November 2023"),
    ("He left three days earlier.", "three days earlier", None),
    ("He left nearly two years ago.", "nearly two years ago", None),
    ("He left several weeks ago.", "several weeks ago", None),
    ("“He left yesterday,” she said.", "yesterday", None),
    # weeks, months and years
    ("He left two weeks ago.", "two weeks ago", "week of 30 October 2023"),
    ("He left two months ago.", "two months ago", "September 2023"),
    ("He left a year ago.", "a year ago", "2022"),
    ("It was signed last week.", "last week", "week of 6 November 2023"),
    ("It was signed earlier this week.", "earlier this week", "week of 13 November 2023"),
    ("It starts next week.", "next week", "week of 20 November 2023"),
    ("It was signed the previous week.", "the previous week", None),
    ("Sales fell last month.", "last month", "October 2023"),
    ("Sales fell last year.", "last year", "2022"),
    ("Sales fell late last year.", "late last year", "2022"),
    ("At the beginning of this year they fell.", "the beginning of this year", "2023"),
    ("Sales fell over the past two weeks.", "the past two weeks", "2-16 November 2023"),
    ("Sales fell over the past two years.", "the past two years", "2021-2023"),
    ("Sales fell over the past year.", "the past year", "2022-2023"),
    ("It rained over the weekend.", "the weekend", "11-12 November 2023"),
    ("It will rain over the weekend.", "the weekend", "18-19 November 2023"),
    ("It rained last weekend.", "last weekend", "11-12 November 2023"),
    ("It will rain next weekend.", "next weekend", "25-26 November 2023"),
    # months and days without a year
    ("The two met in September.", "September", "September 2023"),
    ("The two will meet in September.", "September", "September 2024"),
    ("He was named in December.", "December", "December 2022"),
    ("He is scheduled to be sentenced in March.", "March", "March 2024"),
    ("They met last September.", "last September", "September 2023"),
    ("They met last December.", "last December", "December 2022"),
    ("They meet next May.", "next May", "May 2024"),
    ("It has been shut since December.", "December", "December 2022"),
    ("It said that from Dec. 4 it will shut.", "Dec. 4", "4 December 2023"),
    ("They met in September last year.", "September last year", "September 2022"),
    ("They met in September of that year.", "September of that year", None),
    ("It opened in early October.", "early October", "October 2023"),
    ("SEOUL, Nov. 16 (Newswire) -- Talks.", "Nov. 16", "16 November 2023"),
    ("He was born on Nov. 20.", "Nov. 20", "20 November 2022"),
    ("It opens on Nov. 20.", "Nov. 20", "20 November 2023"),
    ("It ran Oct. 3-5 in Seoul.", "Oct. 3-5", "3-5 October 2023"),
    ("It ran Oct. 30-Nov. 2 in Seoul.", "Oct. 30-Nov. 2", "30 October-2 November 2023"),
    ("They met Tuesday, Nov. 14.", "Tuesday, Nov. 14", "14 November 2023"),
    ("They met Monday, Nov. 14.", "Monday, Nov. 14", "14 November 2022"),
    ("They met on 14 November.", "14 November", "14 November 2023"),
    ("The Sept. 11 attacks changed it.", "Sept. 11", None),
    ("He was freed on Feb. 29.", "Feb. 29", "29 February 2020"),
    # dates that need no story
    ("It was signed on Nov. 15, 2022.", "Nov. 15, 2022", "15 November 2022"),
    ("It was signed on 15 November 2022.", "15 November 2022", "15 November 2022"),
    ("It was signed on Nov.\u00a015, 2022.", "Nov.\u00a015, 2022", "15 November 2022"),
    ("It was held in November 2022.He said so.", "November 2022", "November 2022"),
    ("date 2024-03-14 International", "2024-03-14", "14 March 2024"),
    ("It was filed on 15/11/2022.", "15/11/2022", "15 November 2022"),
    ("It was filed on 03/04/2022.", "03/04/2022", None),
    ("It opened in 2019.", "2019", "2019"),
    ("Nine rounds between 1996 and 2019.", "1996 and 2019", "1996-2019"),
    ("A plan for 2024-2026.", "2024-2026", "2024-2026"),
    ("The 2023-24 season.", "2023-24", "2023-2024"),
    ("Exchanges from March to May 2023.", "March to May 2023", "March-May 2023"),
    ("From May to April 2023.", "May to April 2023", "May 2022-April 2023"),
    ("Between October 2 and October 7, 2022.", "October 2 and October 7, 2022", "2-7 October 2022"),
    ("Music of the 1990s.", "1990s", "1990-1999"),
    ("Music of the '90s.", "90s", "1990-1999"),
    ("It is due in mid-2024.", "mid-2024", "2024"),
    ("Profit in the first quarter of 2024.", "first quarter of 2024", "January-March 2024"),
    ("Profit in Q3 2023.", "Q3 2023", "July-September 2023"),
    ("Profit in the second half of last year.", "second half of last year", "July-December 2022"),
    ("Profit in fiscal 2023.", "fiscal 2023", None),
    ("It began in the spring of 2022.", "spring of 2022", "2022"),
    ("It began in winter 2022.", "winter 2022", None),
    ("It began last summer.", "last summer", None),
    ("The 31st of June 2023 is no day.", "31st of June 2023", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words", "expected"), ARTICLE_TIMES)
def test_the_time_in_a_story_of_16_november_2023_is_found_and_placed(text, words, expected):
    (mention,) = find_times(text, THURSDAY)
    assert mention.text == words
    assert (describe(mention.period) if mention.period else None) == expected


@pytest.mark.parametrize(
    "text",
    [
        "May said she may go.",
        "Theresa May spoke.",
        "They may march on.",
        "The march went on.",
        "April O'Neil and June Carter sang for August Wilson.",
        "The Sun reported it, and so did the Sunday Times.",
        "Black Friday deals, every Monday, on Sundays.",
        "USA Today had it.",
        "Some 2,019 people, $2019, 2019 votes and more than 2000 words.",
        "Call 555-2019 or see page 2019.",
        "The trial is set to last six weeks.",
        "It is Sheffield Wednesday against Leeds.",
        "She is in her 90s.",
        "The second spring snapped.",
        "It ended 3-2, or 10.5 to 1.",
    ],
)
def test_words_that_only_look_like_times_are_left_alone(text):
    assert find_times(text, THURSDAY) == []


def test_each_day_of_a_list_is_a_time_of_its_own():
    found = find_times("They met on Monday and Tuesday.", THURSDAY)
    assert [describe(each.period) for each in found] == ["13 November 2023", "14 November 2023"]


def test_a_year_is_lent_to_the_day_listed_before_it():
    found = find_times("They met on October 2 and October 7, 2021.", THURSDAY)
    assert [describe(each.period) for each in found] == ["2 October 2021", "7 October 2021"]
    assert not any(each.is_relative for each in found)


def test_a_december_story_that_looks_ahead_to_january_means_the_next_year():
    december = Moment.day(2023, 12, 18)
    (ahead,) = find_times("The film will open Jan. 5.", december)
    (back,) = find_times("The film was cut on Jan. 5.", december)
    assert describe(ahead.period) == "5 January 2024"
    assert describe(back.period) == "5 January 2023"


def test_a_month_ago_from_the_last_of_march_is_february():
    (found,) = find_times("He left a month ago.", Moment.day(2023, 3, 31))
    assert describe(found.period) == "February 2023"


@pytest.mark.parametrize("anchor", [None, Moment.day(2023, 11, 16, is_guess=True)])
def test_without_a_known_day_only_times_with_a_year_are_placed(anchor):
    found = find_times("On Tuesday, last year, in May, Nov. 14, two weeks ago; 2019.", anchor)
    assert [each.text for each in found if each.period] == ["2019"]
    assert [each.is_relative for each in found] == [True, True, True, True, True, False]


def test_a_time_is_placed_only_as_far_as_the_day_of_the_story_is_known():
    text = "It fell last year, last month, in September, on Sept. 13 and on Tuesday."
    month = [each.text for each in find_times(text, Moment.parse("2023-11")) if each.period]
    year = [each.text for each in find_times(text, Moment.parse("2023")) if each.period]
    assert month == ["last year", "last month", "September"]
    assert year == ["last year"]


def test_a_story_stamped_late_in_utc_may_speak_of_its_own_tomorrow_as_today():
    # In Sydney it is already Friday.
    late = Moment.parse("2023-11-16T22:30:00Z")
    (found,) = find_times("Shares fell on Friday.", late)
    assert describe(found.period) == "17 November 2023"


def test_hours_ago_are_placed_only_if_they_cannot_cross_midnight():
    text = "He left two hours ago."
    assert find_times(text, THURSDAY)[0].period is None
    (found,) = find_times(text, Moment.parse("2023-11-16T01:00:00Z"))
    assert describe(found.period) == "15 November 2023"


@pytest.mark.parametrize("anchor", [Moment.day(1, 1, 1), Moment.day(9999, 12, 31)])
def test_the_ends_of_the_calendar_do_no_harm(anchor):
    text = (
        "Last Tuesday, next Tuesday, last week, next week, last month, next month, last year, "
        "next year, 50 years ago, 50 years from now, the weekend, next weekend, Jan. 1, Dec. 31, "
        "September, tomorrow, yesterday, the past 50 years, the next 50 decades, Monday, 0000-00-00"
    )
    assert len(find_times(text, anchor)) > 15


_VOCABULARY = """on in the last next this past of and to may May March Sun Tuesday Tuesday's Nov.
September 14 3-5 2023 1996-2019 1990s week month year ago two days a Q3 first quarter will was 5
p.m. weekend today “ ” - , . earlier that 2023-11-16 03/04/2024 half spring 31 Feb. since before"""
_WORDS = st.sampled_from([*_VOCABULARY.split(), "\n", "\u00a0"])


@given(
    st.one_of(st.text(), st.lists(_WORDS, max_size=30).map(" ".join)),
    st.one_of(
        st.none(),
        st.builds(
            lambda day, precision: Moment(
                datetime.combine(day, datetime.min.time(), UTC), precision
            ),
            st.dates(),
            st.sampled_from(Precision),
        ),
    ),
)
def test_mentions_are_exact_ordered_and_apart_whatever_the_text(text, anchor):
    last = 0
    for mention in find_times(text, anchor):
        assert text[mention.start : mention.end] == mention.text
        assert last <= mention.start < mention.end
        assert mention.period is None or mention.period.start <= mention.period.end
        last = mention.end


@pytest.mark.parametrize(
    "unit",
    ["1", "a", "\n", " ", "Tuesday", "1 ", "the ", "2023-", "will ", "last ", '"', "th", "."],
)
def test_hostile_text_takes_linear_time(unit):
    start = time.process_time()
    find_times((unit * 250_000)[:250_000], THURSDAY)
    # About 0.3 s; quadratic work on so many characters would take minutes.
    assert time.process_time() - start < 10


def test_an_article_is_read_in_milliseconds():
    sentence = (
        "The minister, who arrived on Tuesday, said the talks held in May would go on in 2024. "
    )
    article = (
        sentence + "Nothing else in this paragraph tells of any day at all, not even one. "
    ) * 64
    assert len(article) > 9_000
    best = min(_seconds(article) for _ in range(3))
    # 2 ms on a slow core; the margin is for a busy one.
    assert best < 0.05


def _seconds(article):
    start = time.process_time()
    find_times(article, THURSDAY)
    return time.process_time() - start


# --- periods ---------------------------------------------------------------------------------


def test_a_period_holds_its_last_second():
    month = Period.months(2024, 2)
    assert month.start == datetime(2024, 2, 1, tzinfo=UTC)
    assert month.end == datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC)
    assert Period.of(Moment.parse("2024-02")) == month


def test_a_period_that_ends_before_it_starts_is_refused():
    with pytest.raises(ValueError, match="cannot end"):
        Period.days(date(2023, 11, 16), date(2023, 11, 15))
    with pytest.raises(ValueError, match="ends before"):
        Period.years(2023).until(Period.years(2022))


@pytest.mark.parametrize(
    ("period", "words"),
    [
        (Period.days(date(2023, 11, 14)), "14 November 2023"),
        (Period.days(date(2023, 11, 13), date(2023, 11, 15)), "13-15 November 2023"),
        (Period.days(date(2023, 10, 30), date(2023, 11, 2)), "30 October-2 November 2023"),
        (Period.days(date(2023, 12, 30), date(2024, 1, 2)), "30 December 2023-2 January 2024"),
        (Period.week(date(2023, 11, 16)), "week of 13 November 2023"),
        (Period.months(2023, 11), "November 2023"),
        (Period.months(2023, 3, 2023, 5), "March-May 2023"),
        (Period.months(2022, 12, 2023, 2), "December 2022-February 2023"),
        (Period.years(2023), "2023"),
        (Period.years(1996, 2019), "1996-2019"),
        (Period.of(Moment.parse("2023-11-14T20:15:00Z")), "14 November 2023"),
    ],
)
def test_a_period_is_told_in_words_that_stand_beside_words(period, words):
    assert describe(period) == words


# --- questions -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "relation", "words"),
    [
        ("What happened last week?", Relation.ON, "week of 6 November 2023"),
        ("what happened in november 2023?", Relation.ON, "November 2023"),
        ("what happened in november?", Relation.ON, "November 2023"),
        ("who was elected in may", Relation.ON, "May 2023"),
        ("Who came on September 26, 2023?", Relation.ON, "26 September 2023"),
        ("Who came between October 2 and October 7, 2023?", Relation.BETWEEN, "2-7 October 2023"),
        ("Who came from March to May 2023?", Relation.BETWEEN, "March-May 2023"),
        ("Who came since Tuesday?", Relation.SINCE, "14 November 2023"),
        ("Who came before 2024?", Relation.BEFORE, "2024"),
        ("Who came after October 7?", Relation.AFTER, "7 October 2023"),
        ("Who came until yesterday?", Relation.UNTIL, "15 November 2023"),
        ("Stories from October 2023", Relation.ON, "October 2023"),
        ("Stories from 2022 onwards", Relation.SINCE, "2022"),
        ("Stories of 2022 and earlier", Relation.UNTIL, "2022"),
        ("Who will come on friday?", Relation.ON, "17 November 2023"),
        ("Who came in the last 3 days?", Relation.ON, "13-16 November 2023"),
    ],
)
def test_a_question_tells_its_period_and_how_it_stands_to_it(question, relation, words):
    (asked,) = read_period(question, AS_OF).mentions
    assert asked.relation is relation
    assert asked.mention.period is not None
    assert describe(asked.mention.period) == words
    assert question[asked.mention.start : asked.mention.end] == asked.mention.text


def test_before_and_after_leave_out_the_time_they_name():
    second = timedelta(seconds=1)
    year = Period.years(2023)
    assert read_period("before 2023", AS_OF).window == (None, year.start - second)
    assert read_period("after 2023", AS_OF).window == (year.end + second, None)
    assert read_period("since 2023", AS_OF).window == (year.start, None)
    assert read_period("until 2023", AS_OF).window == (None, year.end)


def test_two_days_span_a_window_and_two_bounds_close_one():
    first, last = Period.days(date(2023, 10, 2)), Period.days(date(2023, 10, 7))
    both = "Did the report of October 2, 2023 agree with the one of October 7, 2023?"
    bounds = "What came out since October 2, 2023 and until October 7, 2023?"
    assert read_period(both, AS_OF).window == (first.start, last.end)
    assert read_period(bounds, AS_OF).window == (first.start, last.end)


def test_bounds_that_contradict_each_other_bound_nothing():
    assert read_period("after 2023 and before 2020", AS_OF).window == (None, None)


@pytest.mark.parametrize(
    ("question", "latest", "first"),
    [
        ("What is the latest on the strike?", True, False),
        ("Who is the PM now?", True, False),
        ("Who currently leads the party?", True, False),
        ("When did he last visit Seoul?", True, False),
        ("What happened last week?", False, False),
        ("What is his last name?", False, False),
        ("Who made The Last of Us?", False, False),
        ("Who was the first to sign?", False, True),
        ("What is the earliest report?", False, True),
        ("What did the First Minister and the first lady say?", False, False),
        ("How much in the first quarter of 2023?", False, False),
        ("Who led the delegation?", False, False),
    ],
)
def test_a_question_tells_whether_it_wants_the_newest_or_the_oldest(question, latest, first):
    asked = read_period(question, AS_OF)
    assert (asked.wants_latest, asked.wants_first) == (latest, first)


def test_a_question_without_a_time_has_no_window():
    asked = read_period("Who led the Russian delegation?", AS_OF)
    assert asked.mentions == ()
    assert asked.window == (None, None)


def test_the_moment_of_asking_must_have_a_zone():
    with pytest.raises(ValueError, match="time zone"):
        read_period("last week", AS_OF.replace(tzinfo=None))


@given(st.one_of(st.text(), st.lists(_WORDS, max_size=20).map(" ".join)))
def test_no_question_makes_the_reader_fail(question):
    for as_of in (AS_OF, datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)):
        earliest, latest = read_period(question, as_of).window
        assert earliest is None or latest is None or earliest <= latest


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        ("18-19 July 2024", "18-19 July 2024"),
        ("from 3 to 5 May 2023", "3-5 May 2023"),
        ("between 3 and 5 May 2023", "3-5 May 2023"),
        ("on 3/4 July 2024", "3-4 July 2024"),
        ("28 June to 3 July 2024", "28 June-3 July 2024"),
        ("on the 14th", "14 November 2023"),
        ("on the 28th", "28 October 2023"),
    ],
)
def test_days_before_their_month_and_bare_days_are_placed_whole(words: str, meaning: str) -> None:
    (found,) = find_times(f"They met {words}.", THURSDAY)

    assert found.period is not None
    assert describe(found.period) == meaning


@pytest.mark.parametrize("text", ["He lives on the 14th floor.", "He had a birdie on the 14th."])
def test_a_floor_or_a_hole_is_no_day(text: str) -> None:
    assert find_times(text, THURSDAY) == []
