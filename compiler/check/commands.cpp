#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "compiler/check/rules.hpp"

namespace cairn::compiler {

namespace {

constexpr auto shells = std::to_array<std::string_view>({"ash", "bash", "dash", "fish", "ksh", "sh", "zsh"});

bool is_shell(std::string_view program) {
    const auto slash = program.rfind('/');
    if (slash != std::string_view::npos) program.remove_prefix(slash + 1);
    return std::find(shells.begin(), shells.end(), program) != shells.end();
}

// `-c`, also among others: `-ec`.
bool takes_script(std::string_view argument) {
    return argument.size() >= 2 && argument[0] == '-' && argument[1] != '-' &&
           argument.find('c') != std::string_view::npos;
}

std::string in_environment(std::string_view parameter) {
    std::string name = "CAIRN_PARAM_";
    for (const char c : parameter) name += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return name;
}

class Commands {
public:
    Commands(const ResolvedPlan& plan, const ResolvedItem& item, Report& report)
        : plan_(plan), item_(item), report_(report) {}

    void look(const std::vector<grammar::Template>& argv) {
        if (argv.empty()) return;
        if (plan_.text(argv.front(), item_).empty()) {
            report_.add(313, argv.front().span, "the name of the program is empty");
        }
        // The shell may come behind another program: `env`, `sudo`, `kubectl exec … --`.
        bool in_shell = false;
        for (std::size_t i = 0; i + 1 < argv.size(); ++i) {
            const std::string argument = plan_.text(argv[i], item_);
            in_shell = in_shell || is_shell(argument);
            if (in_shell && takes_script(argument)) return look_at_script(argv[i + 1]);
        }
    }

private:
    void look_at_script(const grammar::Template& script) {
        for (const grammar::Part& part : script.parts) {
            if (!part.is_placeholder) continue;
            const auto word = plan_.words.find(part.text, item_.turn);
            if (!word || word->origin != Words::Origin::parameter) continue;
            report_.add(561, part.span,
                        fmt::format("parameter `{}` would become part of a shell's script; it stands in its "
                                    "environment as {}",
                                    part.text, in_environment(part.text)),
                        fmt::format("\\\"${}\\\"", in_environment(part.text)));
        }
    }

    const ResolvedPlan& plan_;
    const ResolvedItem& item_;
    Report& report_;
};

}  // namespace

void check_commands(const ResolvedPlan& plan, Report& report) {
    for (const ResolvedItem& item : plan.items) {
        const auto* run = item.as<grammar::Run>();
        if (run == nullptr) continue;
        Commands rule(plan, item, report);
        if (run->command.empty()) {
            report.add(313, item.where, fmt::format("run `{}` has no command", item.name), "command \"program\" \"argument\"");
        }
        rule.look(run->command);
        rule.look(run->rehearse);
        if (const auto* command = std::get_if<grammar::RollbackCommand>(&run->rollback)) rule.look(command->argv);
    }
}

}  // namespace cairn::compiler
