#include <fmt/format.h>

#include "runtime/cli/complete/scripts.hpp"

namespace cairn::cli::complete {

namespace {

// In single quotes, for a list of `word:what it does`.
std::string entry(const std::string& name, const std::string& does) {
    std::string out;
    for (const char c : name + "\n" + does) {
        if (c == '\n')
            out += ':';
        else if (c == '\'')
            out += "'\\''";
        else if (c == ':' || c == '\\')
            out += std::string("\\") + c;
        else
            out += c;
    }
    return "'" + out + "'";
}

std::string offer(const Flag& flag) {
    if (!flag.choices.empty()) return fmt::format("compadd -- {}", fmt::join(flag.choices, " "));
    switch (wants(flag)) {
        case Wants::plan:
            return "_files -g '*.cairn(-.)'";
        case Wants::file:
            return "_files";
        case Wants::folder:
            return "_files -/";
        default:
            return "_message 'a value'";
    }
}

void offer_values(const std::string& command, const std::vector<Flag>& flags, std::string& to) {
    for (const Flag& flag : flags) {
        if (!takes_next(flag)) continue;
        for (const std::string& name : flag.names)
            to += fmt::format("    {}:{}) {}; return ;;\n", command, name, offer(flag));
    }
}

std::string entries(const std::vector<Flag>& flags) {
    std::string out;
    for (const Flag& flag : flags) {
        if (!flag.is_argument) out += " " + entry(flag.names.back(), flag.does);
    }
    return out;
}

}  // namespace

std::string zsh(const CommandLine& line) {
    std::string with_value, commands, values, flags, arguments;
    for (const Flag& flag : line.flags) {
        if (takes_next(flag))
            with_value +=
                (with_value.empty() ? "" : "|") + fmt::format("{}", fmt::join(flag.names, "|"));
    }
    for (const Command& command : line.commands) {
        commands += " " + entry(command.name, command.does);
        values += fmt::format("    {}:--format) compadd -- {}; return ;;\n", command.name,
                              fmt::join(command.formats, " "));
        offer_values(command.name, command.flags, values);
        flags += fmt::format("      {}) flags+=({}) ;;\n", command.name, entries(command.flags));
        for (const Flag& flag : command.flags) {
            if (flag.is_argument)
                arguments += fmt::format("    {}) {} ;;\n", command.name, offer(flag));
        }
    }
    offer_values("*", line.flags, values);
    return fmt::format(R"sh(#compdef cairn
# Completion of cairn {} for zsh:  cairn completion zsh > a folder of $fpath/_cairn
_cairn() {{
  local before=$words[CURRENT-1] command='' i
  local -a flags commands
  for ((i = 2; i < CURRENT; i++)); do
    case $words[i] in
      {}) ((i += 1)) ;;
      -*) ;;
      *) command=$words[i]; break ;;
    esac
  done
  # `--flag=value` is one word.
  if compset -P 1 '--*='; then before=${{IPREFIX%=}}; fi
  case $command:$before in
{}  esac
  if [[ $PREFIX == -* ]]; then
    flags=({})
    case $command in
{}    esac
    _describe -o flag flags
    return
  fi
  case $command in
    '') commands=({}); _describe command commands ;;
{}  esac
}}
if [[ $funcstack[1] == _cairn ]]; then _cairn "$@"; else compdef _cairn cairn; fi
)sh",
                       line.version, with_value, values, entries(line.flags), flags, commands,
                       arguments);
}

}  // namespace cairn::cli::complete
