#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <system_error>

#include "compiler/compile.hpp"

#include <filesystem>

namespace cairn::compiler {

namespace {

LoadError system_error() { return {std::generic_category().message(errno)}; }

}  // namespace

Loader file_loader(std::string root) {
    return [root = std::move(root)](const std::string& path) -> std::variant<std::string, LoadError> {
        const std::filesystem::path file = std::filesystem::path(root) / path;
        std::error_code error;
        const auto status = std::filesystem::status(file, error);
        if (!std::filesystem::exists(status)) return LoadError{"no such file"};
        if (std::filesystem::is_directory(status)) return LoadError{"it is a folder"};
        // Opening a pipe or device would wait for a writer.
        if (!std::filesystem::is_regular_file(status)) return LoadError{"it is not a regular file"};
        std::ifstream in(file, std::ios::binary);
        if (!in) return system_error();
        std::ostringstream content;
        content << in.rdbuf();
        if (in.bad()) return system_error();
        return std::move(content).str();
    };
}

}  // namespace cairn::compiler
