#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "runtime/cli/command_line.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/findings.hpp"

namespace cairn::cli {

namespace {

// Text of a page: nothing in it is a request or an escape of roff.
std::string plain(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\\')
            out += "\\e";
        else if (c == '-')
            out += "\\-";
        else if (c == '`')
            out += "\\(ga";
        else if (c == '\'')
            out += "\\(aq";
        else
            out += c;
    }
    if (!out.empty() && (out[0] == '.')) out.insert(0, "\\&");
    return out;
}

std::string bold(std::string_view text) {
    return "\\fB" + plain(text) + "\\fR";
}

std::string italic(std::string_view text) {
    return "\\fI" + plain(text) + "\\fR";
}

void describe(const Flag& flag, std::string& to) {
    std::string head;
    for (const std::string& name : flag.names) {
        if (!head.empty()) head += ", ";
        head += flag.is_argument ? italic(name) : bold(name);
    }
    if (flag.value.starts_with('='))
        head += "[=" + italic(flag.value.substr(1)) + "]";
    else if (!flag.is_argument && flag.takes_value)
        head += " " + italic(flag.value);
    if (flag.repeats) head += " ...";
    to += fmt::format(".TP\n{}\n{}\n", head, plain(flag.does));
    const bool all_named = std::all_of(
        flag.choices.begin(), flag.choices.end(),
        [&](const std::string& choice) { return flag.does.find(choice) != std::string::npos; });
    if (!all_named)
        to += fmt::format("({})\n", plain(fmt::format("{}", fmt::join(flag.choices, ", "))));
}

void describe(const Command& command, std::string& to) {
    to += fmt::format(".SS cairn {}", command.name);
    for (const Flag& flag : command.flags) {
        if (flag.is_argument) to += " " + flag.names.back() + (flag.repeats ? " ..." : "");
    }
    std::string does = command.does;
    does[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(does[0])));
    to += "\n" + plain(does) + ".\n";
    if (command.formats.size() > 2)
        to += fmt::format("Formats: {}.\n",
                          plain(fmt::format("{}", fmt::join(command.formats, ", "))));
    for (const Flag& flag : command.flags) {
        if (flag.names.back() != "--help") describe(flag, to);
    }
}

struct Entry {
    std::string_view head, text;
};

constexpr Entry exits[] = {
    {"0", "Done."},
    {"1", "The plan has errors, or there is a stopped run already."},
    {"2", "The command line is wrong."},
    {"3", "A gate or validation failed, or a question was answered no. The run can be resumed."},
    {"4", "A step failed and the run stopped, or it was interrupted. The run can be resumed."},
    {"5", "The run failed and was rolled back, as the plan says."},
    {"6", "A rollback could not be completed, or met rows that others have changed since."},
    {"7", "Somebody else holds the run."},
    {"8", "Something can't be reached."},
    {"9", "The plan has already finished there."},
};

constexpr Entry variables[] = {
    {"CAIRN_NAME", "Where the database NAME of a plan is, if neither --db nor a profile says so."},
    {"CAIRN_LEASE, CAIRN_BACKOFF, CAIRN_RANGE, CAIRN_LAG",
     "Over the settings of [run] in cairn.toml."},
    {"NO_COLOR", "No colours, unless --color always."},
    {"PGPASSFILE, PGSERVICEFILE and others", "Are libpq's, and do what they do there."},
};

constexpr Entry files[] = {
    {"cairn.toml", "Profiles, fixtures and settings, in the folder of the plan or one above it."},
    {"PLAN.cairn.sql", "What a rehearsal of PLAN.cairn starts from."},
    {".cairn", "The journal of plans that change no database."},
};

void list(std::string_view title, const Entry* begin, const Entry* end, std::string& to) {
    to += fmt::format(".SH {}\n", title);
    for (const Entry* entry = begin; entry != end; ++entry)
        to += fmt::format(".TP\n{}\n{}\n", bold(entry->head), plain(entry->text));
}

}  // namespace

int man(const Invocation&) {
    const CommandLine line = command_line();
    std::string page = fmt::format(
        ".TH CAIRN 1 \"\" \"cairn {}\" \"User Commands\"\n"
        ".SH NAME\ncairn \\- {}\n"
        ".SH SYNOPSIS\n.B cairn\n.I COMMAND\n[\\fIFLAG\\fR ...] [\\fIARGUMENT\\fR ...]\n"
        ".SH DESCRIPTION\n"
        "A plan file says what is to happen to PostgreSQL databases, in which order, what must "
        "hold before and after,\n"
        "and how to get back.\n"
        "It is reviewed as a diff, previewed, rehearsed on a throwaway server, and then run; after "
        "a crash of any kind\n"
        ".B cairn resume\n"
        "goes on where the journal ends.\n",
        line.version, plain(line.about.substr(line.about.find(' ') + 1)));
    page += ".SH COMMANDS\n";
    for (const Command& command : line.commands) describe(command, page);
    page += ".SH FLAGS OF EVERY COMMAND\n";
    for (const Flag& flag : line.flags) describe(flag, page);
    list("EXIT STATUS", std::begin(exits), std::end(exits), page);
    list("ENVIRONMENT", std::begin(variables), std::end(variables), page);
    list("FILES", std::begin(files), std::end(files), page);
    print(page);
    return 0;
}

}  // namespace cairn::cli
