#include <fmt/format.h>

#include "runtime/cli/complete/scripts.hpp"

namespace cairn::cli::complete {

namespace {

// How the words are offered that may stand where `flag` wants one.
std::string offer(const Flag& flag) {
    if (!flag.choices.empty())
        return fmt::format("_cairn_words '{}'", fmt::join(flag.choices, " "));
    switch (wants(flag)) {
        case Wants::plan:
            return "_cairn_files '!*.cairn'";
        case Wants::file:
            return "_cairn_files ''";
        case Wants::folder:
            return "_cairn_files '*'";
        default:
            return ":";
    }
}

std::string names(const Flag& flag) {
    return fmt::format("{}", fmt::join(flag.names, "|"));
}

// The long names of the flags.
void list(const std::vector<Flag>& flags, std::string& to) {
    for (const Flag& flag : flags) {
        if (flag.is_argument) continue;
        if (!to.empty()) to += ' ';
        to += flag.names.back();
    }
}

void offer_values(const std::string& command, const std::vector<Flag>& flags, std::string& to) {
    for (const Flag& flag : flags) {
        if (!takes_next(flag)) continue;
        for (const std::string& name : flag.names)
            to += fmt::format("    {}:{}) {}; return ;;\n", command, name, offer(flag));
    }
}

constexpr std::string_view helpers = R"(_cairn_words() {
  COMPREPLY=($(compgen -W "$1" -- "$word"))
}

# Files but those that the pattern names, and folders.
_cairn_files() {
  compopt -o filenames 2>/dev/null
  local IFS=$'\n'
  COMPREPLY=($(compgen -f -X "$1" -- "$word"; compgen -d -- "$word"))
  COMPREPLY=($(printf '%s\n' "${COMPREPLY[@]}" | sort -u))
}
)";

}  // namespace

std::string bash(const CommandLine& line) {
    std::string with_value, commands, values, flags, arguments, common;
    for (const Flag& flag : line.flags) {
        if (takes_next(flag)) with_value += (with_value.empty() ? "" : "|") + names(flag);
    }
    list(line.flags, common);
    for (const Command& command : line.commands) {
        commands += (commands.empty() ? "" : " ") + command.name;
        values += fmt::format("    {}:--format) _cairn_words '{}'; return ;;\n", command.name,
                              fmt::join(command.formats, " "));
        offer_values(command.name, command.flags, values);
        std::string own;
        list(command.flags, own);
        flags += fmt::format("      {}) _cairn_words '{} {}' ;;\n", command.name, own, common);
        for (const Flag& flag : command.flags) {
            if (flag.is_argument)
                arguments += fmt::format("    {}) {} ;;\n", command.name, offer(flag));
        }
    }
    offer_values("*", line.flags, values);
    return fmt::format(R"sh(# Completion of cairn {} for bash:  eval "$(cairn completion bash)"
{}
_cairn() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD - 1]}} command='' i
  COMPREPLY=()
  # `--flag=value` comes as three words.
  if [[ $word == = ]]; then word=
  elif [[ $before == = ]]; then before=${{COMP_WORDS[COMP_CWORD - 2]}}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${{COMP_WORDS[i]}} in
      {}) i=$((i + 1)); if [[ ${{COMP_WORDS[i]}} == = ]]; then i=$((i + 1)); fi ;;
      -*) ;;
      *) command=${{COMP_WORDS[i]}}; break ;;
    esac
  done
  case $command:$before in
{}  esac
  if [[ $word == -* ]]; then
    case $command in
{}      *) _cairn_words '{}' ;;
    esac
    return
  fi
  case $command in
    '') _cairn_words '{}' ;;
{}  esac
}}
complete -F _cairn cairn
)sh",
                       line.version, helpers, with_value, values, flags, common, commands,
                       arguments);
}

}  // namespace cairn::cli::complete
