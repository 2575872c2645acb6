// How the translation units that instantiate the engine for the proofs offer their work; each
// architecture has one, beside this file.
#pragma once

#include <vector>

#include "proofs/job.hpp"

namespace twinwalk::proofs {

std::vector<Job> x86_64_jobs();
std::vector<Job> ept_jobs();
std::vector<Job> npt_jobs();
std::vector<Job> riscv_jobs();
std::vector<Job> aarch64_jobs();
std::vector<Job> loongarch64_jobs();

}  // namespace twinwalk::proofs
