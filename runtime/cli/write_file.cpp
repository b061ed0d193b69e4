#include "runtime/cli/write_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace cairn::cli {

namespace fs = std::filesystem;

std::string write_new_file(const std::string& path, const std::string& text) {
    std::FILE* file = std::fopen(path.c_str(), "wbxe");
    if (file == nullptr) return std::strerror(errno);
    const bool whole = std::fwrite(text.data(), 1, text.size(), file) == text.size();
    const bool closed = std::fclose(file) == 0;
    if (whole && closed) return {};
    const std::string why = std::strerror(errno);
    (void)std::remove(path.c_str());
    return why;
}

std::string write_file(const std::string& path, const std::string& text) {
    // Behind a link stands the file that is meant.
    std::error_code failed;
    fs::path target = path;
    if (fs::is_symlink(fs::symlink_status(target, failed))) {
        target = fs::canonical(target, failed);
        if (failed) return failed.message();
    }
    const std::string beside = target.string() + ".new";
    std::FILE* file = std::fopen(beside.c_str(), "wbe");
    if (file == nullptr) return std::strerror(errno);
    const bool whole = std::fwrite(text.data(), 1, text.size(), file) == text.size();
    const bool closed = std::fclose(file) == 0;
    const fs::file_status before = fs::status(target, failed);
    if (fs::is_regular_file(before)) fs::permissions(beside, before.permissions(), failed);
    if (whole && closed && std::rename(beside.c_str(), target.c_str()) == 0) return {};
    const std::string why = std::strerror(errno);
    (void)std::remove(beside.c_str());
    return why;
}

}  // namespace cairn::cli
