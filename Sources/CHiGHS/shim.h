// The C interface of HiGHS, as MathematicalProgramming sees it.
#pragma once
#include <interfaces/highs_c_api.h>
