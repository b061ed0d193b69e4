// Runs a program several times and prints what it took, as the kernel counts it: /usr/bin/time is not everywhere, and
// bash's clock does not know memory.
//
//   bench_measure [-n RUNS] [-o FILE] -- PROGRAM ARGUMENT…
//
// prints "MEDIAN-MS MIN-MS MAX-MS CPU-MS PEAK-KB EXIT": wall time, the median run's CPU time, the highest resident memory of
// any run, and the last exit status. The program's output goes to FILE, or nowhere.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

struct Run {
    double wall_ms = 0, cpu_ms = 0;
    long peak_kb = 0;
    int status = 0;
};

double milliseconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
}

Run run_once(char** argv, const char* output) {
    const auto start = std::chrono::steady_clock::now();
    const pid_t child = fork();
    if (child == 0) {
        const int nothing = open("/dev/null", O_RDONLY);
        const int sink = open(output, O_WRONLY | O_CREAT | O_TRUNC, 0644);
        if (nothing < 0 || sink < 0) _exit(126);
        dup2(nothing, 0);
        dup2(sink, 1);
        dup2(sink, 2);
        execvp(argv[0], argv);
        _exit(127);
    }
    if (child < 0) {
        std::perror("fork");
        std::exit(2);
    }
    rusage usage{};
    int status = 0;
    wait4(child, &status, 0, &usage);
    const std::chrono::duration<double, std::milli> wall = std::chrono::steady_clock::now() - start;
    return {.wall_ms = wall.count(),
            .cpu_ms = milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime),
            .peak_kb = usage.ru_maxrss,
            .status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status)};
}

}  // namespace

int main(int argc, char** argv) {
    int runs = 1;
    const char* output = "/dev/null";
    int at = 1;
    for (; at < argc && std::strcmp(argv[at], "--") != 0; ++at) {
        if (std::strcmp(argv[at], "-n") == 0 && at + 1 < argc) runs = std::max(1, std::atoi(argv[++at]));
        else if (std::strcmp(argv[at], "-o") == 0 && at + 1 < argc) output = argv[++at];
        else break;
    }
    if (at + 1 >= argc || std::strcmp(argv[at], "--") != 0) {
        std::fprintf(stderr, "usage: bench_measure [-n RUNS] [-o FILE] -- PROGRAM ARGUMENT...\n");
        return 2;
    }
    std::vector<Run> all;
    for (int i = 0; i < runs; ++i) all.push_back(run_once(argv + at + 1, output));
    long peak_kb = 0;
    for (const auto& run : all) peak_kb = std::max(peak_kb, run.peak_kb);
    const int status = all.back().status;
    std::sort(all.begin(), all.end(), [](const Run& a, const Run& b) { return a.wall_ms < b.wall_ms; });
    const auto& median = all[all.size() / 2];
    std::printf("%.1f %.1f %.1f %.1f %ld %d\n", median.wall_ms, all.front().wall_ms, all.back().wall_ms,
                median.cpu_ms, peak_kb, status);
    return 0;
}
