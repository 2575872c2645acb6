// What came of the proofs, for people and for programs.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tools/support/files.hpp"
#include "tools/support/json.hpp"
#include "tools/support/proof_run.hpp"

namespace twinwalk::tools {

// What there is to run again of each refutation, as files THEOREM.FORMAT.N.mem of a folder.
std::vector<NewFile> counterexamples(ProofRun const& run, std::filesystem::path const& folder);

// `folder` is where those files lie; empty when they could not be written.
std::string print_proofs(ProofRun const& run, std::filesystem::path const& folder);
Json proofs_json(ProofRun const& run, std::vector<std::string> const& solvers,
                 std::filesystem::path const& folder);

}  // namespace twinwalk::tools
