// What literals are worth.
#include <catch2/catch.hpp>

#include "grammar/literal.hpp"

using namespace cairn::grammar;
using namespace std::chrono_literals;

TEST_CASE("durations are read with each of their units") {
    CHECK(parse_duration("250ms") == 250ms);
    CHECK(parse_duration("30s") == 30s);
    CHECK(parse_duration("20min") == 20min);
    CHECK(parse_duration("2h") == 2h);
    CHECK(parse_duration("30d") == 720h);
    CHECK(parse_duration("1.5h") == 90min);
    CHECK(parse_duration("0s") == 0s);
}

TEST_CASE("what is no duration has no value") {
    for (const char* text : {"", "3", "s", "3 s", "-3s", "3S", "3sec", "3.s", ".5s", "3s ", "1e3s",
                             "99999999999999999999d", "+3s", "3m"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_duration(text));
    }
}

TEST_CASE("sizes are powers of 1024") {
    CHECK(parse_size("64kB") == 65536);
    CHECK(parse_size("10MB") == 10485760);
    CHECK(parse_size("2GB") == 2147483648);
    CHECK(parse_size("1TB") == 1099511627776);
    CHECK(parse_size("0.5MB") == 524288);
    for (const char* text : {"", "10", "10mb", "10KB", "MB", "-1MB", "10 MB", "9999999999TB"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_size(text));
    }
}

TEST_CASE("numbers may be negative and have a fraction") {
    CHECK(parse_number("10") == 10.0);
    CHECK(parse_number("-2.5") == -2.5);
    CHECK(parse_number("0") == 0.0);
    for (const char* text :
         {"", "-", "1.", ".5", "1e5", "0x10", "1,5", "--1", "+1", "inf", "nan"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_number(text));
    }
}

TEST_CASE("a percentage is a hundredth") {
    CHECK(parse_percent("95%") == 0.95);
    CHECK(parse_percent("0.5%") == Approx(0.005));
    CHECK_FALSE(parse_percent("95"));
    CHECK_FALSE(parse_percent("%"));
    CHECK_FALSE(parse_percent("9 %"));
}

TEST_CASE("instants keep to their offset") {
    using namespace std::chrono;
    const auto evening = sys_days{2026y / January / 15} + 18h;
    CHECK(parse_instant("2026-01-15T22:00+04:00") == evening);
    CHECK(parse_instant("2026-01-15T22:00:00+04:00") == evening);
    CHECK(parse_instant("2026-01-15T18:00Z") == evening);
    CHECK(parse_instant("2026-01-15T12:30:00-05:30") == evening);
    CHECK(parse_instant("2026-01-15T18:00:07.999Z") == evening + 7s);
    CHECK(parse_instant("2024-02-29T00:00Z") == sys_days{2024y / February / 29});
    CHECK(parse_instant("2026-01-01T02:00+04:00") == sys_days{2025y / December / 31} + 22h);
}

TEST_CASE("what no clock shows is no instant") {
    for (const char* text :
         {"", "2026-01-15", "2026-01-15T22:00", "2026-01-15 22:00Z", "2026-02-29T00:00Z",
          "2026-13-01T00:00Z", "2026-01-15T24:00Z", "2026-01-15T22:60Z", "2026-01-15T22:00:60Z",
          "2026-01-15T22:00+4:00", "2026-01-15T22:00+24:00", "2026-01-15T22:00+04:60",
          "2026-01-15T22:00Zx", "26-01-15T22:00Z", "2026-01-15T22:00:00.Z", "2026-1-15T22:00Z"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_instant(text));
    }
}
