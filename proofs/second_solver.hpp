// cvc5, asked through its command line: a solver that shares no code with the first.
#pragma once

#include <string>

namespace twinwalk::proofs {

enum class Answer { unsatisfiable, satisfiable, unknown };

// Whether there is a cvc5 to ask.
bool has_second_solver();

// What it says of an SMT-LIB 2 text within the time.
Answer ask_second_solver(std::string const& smt2, unsigned timeout_ms);

}  // namespace twinwalk::proofs
