// The arrows between the rooms: grammar <- compiler <- runtime, never the other way.
#include <catch2/catch.hpp>
