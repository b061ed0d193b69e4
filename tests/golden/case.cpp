#include "tests/golden/case.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace golden {

namespace fs = std::filesystem;

namespace {

std::string slurp(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) throw std::runtime_error("can't read " + path.string());
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

std::string unescape(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            out += text[i];
            continue;
        }
        const char what = text.at(++i);
        if (what == 'x') {
            out += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
            i += 2;
        } else if (what == 'n') {
            out += '\n';
        } else if (what == '\n') {  // joins two lines
        } else if (what == '{') {
            const std::size_t star = text.find('*', i), end = text.find('}', star);
            // The last star separates, so that the text may hold stars.
            const std::size_t last = text.rfind('*', end);
            const std::string part = unescape(text.substr(i + 1, last - i - 1));
            for (long n = std::stol(text.substr(last + 1, end - last - 1)); n > 0; --n) out += part;
            i = end;
        } else {
            out += what;
        }
    }
    return out;
}

// Quotes '…' and "…" as a shell knows them, without anything else of a shell.
std::vector<std::string> split(const std::string& line) {
    std::vector<std::string> out;
    std::string word;
    bool any = false;
    char quote = 0;
    for (const char c : line) {
        if (quote != 0) {
            if (c == quote)
                quote = 0;
            else
                word += c;
        } else if (c == '\'' || c == '"') {
            quote = c;
            any = true;
        } else if (c == ' ') {
            if (any) out.push_back(word);
            word.clear();
            any = false;
        } else {
            word += c;
            any = true;
        }
    }
    if (any) out.push_back(word);
    return out;
}

class Folder {
public:
    Folder() {
        std::string name = (fs::temp_directory_path() / "cairn-golden-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("can't make a folder");
        path_ = name;
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    [[nodiscard]] const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

// Only what the case says is in the environment, so that the output is the same everywhere.
[[noreturn]] void become(const std::string& program, const std::vector<std::string>& arguments,
                         const std::vector<std::string>& environment, const fs::path& folder,
                         const fs::path& side) {
    const auto redirect = [](const fs::path& file, int to, int flags) {
        const int fd = ::open(file.c_str(), flags, 0600);
        if (fd < 0 || ::dup2(fd, to) < 0) ::_exit(126);
    };
    redirect("/dev/null", 0, O_RDONLY);
    redirect(side / "out", 1, O_WRONLY | O_CREAT | O_TRUNC);
    redirect(side / "err", 2, O_WRONLY | O_CREAT | O_TRUNC);
    if (::chdir(folder.c_str()) != 0) ::_exit(126);
    std::vector<std::string> env{"PATH=/usr/local/bin:/usr/bin:/bin", "TZ=UTC",
                                 "HOME=" + folder.string()};
    env.insert(env.end(), environment.begin(), environment.end());
    std::vector<char*> argv, envp;
    std::vector<std::string> words{"cairn"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    for (auto& word : words) argv.push_back(word.data());
    for (auto& entry : env) envp.push_back(entry.data());
    argv.push_back(nullptr);
    envp.push_back(nullptr);
    ::execve(program.c_str(), argv.data(), envp.data());
    ::_exit(127);
}

std::string shown(std::string text, const std::string& folder, bool is_log) {
    for (std::size_t at = 0; (at = text.find(folder, at)) != std::string::npos;)
        text.replace(at, folder.size(), "{folder}");
    // Only what tells of a run holds these; elsewhere `3s` is the plan's own word.
    static const std::regex id("[0-9]{8}T[0-9]{6}-[0-9a-z]{4}"),
        instant("20[0-9-]{8}[T ][0-9:]{8}([.][0-9]+)?Z?"), took("after [0-9.]+(ms|s)\\b"),
        item_took(" {2,}[0-9.]+(ms|s)\n"), item_took_why("( {2,})[0-9.]+(ms|s), "),
        who("[a-z][a-z0-9_-]*@[A-Za-z0-9.-]+"), much("seen [0-9.]+[kMGTP]?B");
    if (!is_log && !std::regex_search(text, id)) return text;
    text = std::regex_replace(text, id, "{run}");
    text = std::regex_replace(text, instant, "{instant}");
    text = std::regex_replace(text, took, "after {took}");
    // An item tells how long it took only if that is a millisecond or more.
    text = std::regex_replace(text, item_took, "\n");
    text = std::regex_replace(text, item_took_why, "$1");
    text = std::regex_replace(text, much, "seen {much}");
    return std::regex_replace(text, who, "{who}");
}

void put_output(std::string& out, const char* name, const std::string& text) {
    if (text.empty()) return;
    out += std::string("--- ") + name + "\n";
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("---") || line.starts_with("\\")) out += "\\";
        out += line + "\n";
    }
    if (text.back() != '\n') out += "\\ no newline at the end\n";
}

std::string take_output(const std::string& body) {
    std::string out;
    std::istringstream lines(body);
    for (std::string line; std::getline(lines, line);) {
        if (line == "\\ no newline at the end") {
            out.pop_back();
            continue;
        }
        out += (line.starts_with("\\") ? line.substr(1) : line) + "\n";
    }
    return out;
}

}  // namespace

std::string File::content() const {
    if (!escaped) return written;
    std::string out = unescape(written);
    if (out.ends_with('\n')) out.pop_back();  // the case's own; a file's is written \n
    return out;
}

Case read_case(const fs::path& path) {
    Case out;
    std::istringstream lines(slurp(path));
    std::string* body = nullptr;
    std::string sink;
    std::vector<File> files;
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with("--- ")) {
            if (body != nullptr)
                *body += line + "\n";
            else
                out.comments.push_back(line);
            continue;
        }
        const std::string head = line.substr(4, line.find(' ', 4) - 4);
        std::string rest = line.size() > 5 + head.size() ? line.substr(5 + head.size()) : "";
        body = &sink;
        const auto run = [&]() -> Run& {
            if (out.runs.empty())
                throw std::runtime_error(path.string() + ": " + head + " before run");
            return out.runs.back();
        };
        if (head == "file") {
            const bool escaped = rest.ends_with(" escaped");
            if (escaped) rest.resize(rest.size() - 8);
            files.push_back({.name = rest, .written = "", .escaped = escaped});
            body = &files.back().written;
        } else if (head == "folder") {
            out.folders.push_back(rest);
        } else if (head == "environment") {
            out.environment.push_back(rest);
        } else if (head == "run") {
            out.runs.push_back({.files = std::exchange(files, {}),
                                .arguments = rest,
                                .exit = 0,
                                .out = "",
                                .err = ""});
        } else if (head == "exit") {
            run().exit = std::stoi(rest);
        } else if (head == "stdout") {
            body = &run().out;
        } else if (head == "stderr") {
            body = &run().err;
        } else {
            throw std::runtime_error(path.string() + ": unknown section " + head);
        }
    }
    for (Run& run : out.runs) {
        run.out = take_output(run.out);
        run.err = take_output(run.err);
    }
    return out;
}

std::string write_case(const Case& c) {
    std::string out;
    for (const auto& comment : c.comments) out += comment + "\n";
    for (const auto& folder : c.folders) out += "--- folder " + folder + "\n";
    for (const auto& entry : c.environment) out += "--- environment " + entry + "\n";
    for (const auto& run : c.runs) {
        for (const auto& file : run.files) {
            out += "--- file " + file.name + (file.escaped ? " escaped\n" : "\n") + file.written;
        }
        out += "--- run " + run.arguments + "\n--- exit " + std::to_string(run.exit) + "\n";
        put_output(out, "stdout", run.out);
        put_output(out, "stderr", run.err);
    }
    return out;
}

std::vector<Run> perform(const Case& c, const std::string& program) {
    const Folder whole;
    const fs::path folder = whole.path() / "here", side = whole.path() / "side";
    fs::create_directory(folder);
    fs::create_directory(side);
    for (const auto& name : c.folders) fs::create_directories(folder / name);
    std::vector<Run> out;
    for (const Run& run : c.runs) {
        for (const auto& file : run.files) {
            fs::create_directories((folder / file.name).parent_path());
            std::ofstream(folder / file.name, std::ios::binary) << file.content();
        }
        const auto arguments = split(run.arguments);
        const pid_t child = ::fork();
        if (child == 0) become(program, arguments, c.environment, folder, side);
        int status = 0;
        if (child < 0 || ::waitpid(child, &status, 0) != child)
            throw std::runtime_error("can't run " + program);
        const bool is_log = run.arguments.starts_with("log");
        out.push_back({.files = run.files,
                       .arguments = run.arguments,
                       .exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
                       .out = shown(slurp(side / "out"), folder.string(), is_log),
                       .err = shown(slurp(side / "err"), folder.string(), is_log)});
    }
    return out;
}

}  // namespace golden
