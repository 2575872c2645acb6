#include "tools/command_line.hpp"

int main(int argc, char** argv) { return twinwalk::tools::run(argc, argv); }
