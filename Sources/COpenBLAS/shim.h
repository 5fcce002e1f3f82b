// BLAS and LAPACK as LinearAlgebra sees them: CBLAS, OpenBLAS's thread control, and LAPACKE.
#pragma once
#include <cblas.h>
#include <lapacke.h>
