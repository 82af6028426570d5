// Lists over the quintic extension, LANES rows at once: programs over rows, folds and sums. Included behind
// quintic_lanes.h.

// target += the sum of constants times registers, for `run` steps from s on and the rows from i on.
FORM static inline void F(multiply_accumulate)(const extension_program *program, uint32_t *scratch,
                                               size_t s, size_t run, size_t i) {
  const size_t B = EXTENSION_BLOCK;
  W sum[5];
  for (size_t k = 0; k < 5; k++) sum[k] = (W){SET1(0), SET1(0)};
  for (size_t r = s; r < s + run; r++) {
    const extension_step step = program->steps[r];
    const uint32_t *c = program->constants + 5 * (size_t)step.b, *a = scratch + step.a * B + i;
    if (step.op == MAC_CF) {
      const V x = LOAD(a), odd = ODD_TO_EVEN(x);
      for (size_t k = 0; k < 5; k++) {
        const V w = SET1(c[k]);
        sum[k] = F(wide_cap)(F(wide_add)(sum[k], F(wide_product)(x, odd, w, w)));
      }
    } else {
      F(e_multiply_into)(sum, F(e_load)(a, B), F(e_set)(c));
    }
  }
  uint32_t *t = scratch + program->steps[s].target * B + i;
  for (size_t k = 0; k < 5; k++) {
    STORE(t + k * B, F(add)(LOAD(t + k * B), F(wide_reduce)(sum[k])));
  }
}

// Runs the steps over `rows` rows of a block.
FORM static inline void F(run_steps)(const extension_program *program, uint32_t *scratch, size_t rows) {
  const size_t B = EXTENSION_BLOCK;
  for (size_t s = 0; s < program->step_count; s++) {
    size_t run;
    const extension_step step = program->steps[s];
    uint32_t *t = scratch + step.target * B;
    const uint32_t *a = scratch + step.a * B, *b = scratch + step.b * B;
    const uint32_t *c = program->constants + 5 * (size_t)step.b;
    switch (step.op) {
#define EACH for (size_t i = 0; i < rows; i += LANES)
      case ADD_FF: EACH STORE(t + i, F(add)(LOAD(a + i), LOAD(b + i))); break;
      case SUB_FF: EACH STORE(t + i, F(subtract)(LOAD(a + i), LOAD(b + i))); break;
      case MUL_FF: EACH STORE(t + i, F(multiply)(LOAD(a + i), LOAD(b + i))); break;
      case ADD_FC: EACH STORE(t + i, F(add)(LOAD(a + i), SET1(c[0]))); break;
      case MUL_FC: EACH STORE(t + i, F(multiply)(LOAD(a + i), SET1(c[0]))); break;
      case RSUB_FC: EACH STORE(t + i, F(subtract)(SET1(c[0]), LOAD(a + i))); break;
      case ADD_EE: EACH F(e_store)(t + i, B, F(e_add)(F(e_load)(a + i, B), F(e_load)(b + i, B))); break;
      case SUB_EE:
        EACH F(e_store)(t + i, B, F(e_subtract)(F(e_load)(a + i, B), F(e_load)(b + i, B)));
        break;
      case MUL_EE:
        if (step.a == step.b) {
          EACH F(e_store)(t + i, B, F(e_square)(F(e_load)(a + i, B)));
          break;
        }
        EACH F(e_store)(t + i, B, F(e_multiply)(F(e_load)(a + i, B), F(e_load)(b + i, B)));
        break;
      case ADD_EF:
      case SUB_EF:
        EACH {
          E5 x = F(e_load)(a + i, B);
          x.c[0] = step.op == ADD_EF ? F(add)(x.c[0], LOAD(b + i)) : F(subtract)(x.c[0], LOAD(b + i));
          F(e_store)(t + i, B, x);
        }
        break;
      case SUB_FE:
        EACH {
          E5 x = {{LOAD(a + i), SET1(0), SET1(0), SET1(0), SET1(0)}};
          F(e_store)(t + i, B, F(e_subtract)(x, F(e_load)(b + i, B)));
        }
        break;
      case MUL_EF: EACH F(e_store)(t + i, B, F(e_scale)(F(e_load)(a + i, B), LOAD(b + i))); break;
      case ADD_EC: EACH F(e_store)(t + i, B, F(e_add)(F(e_load)(a + i, B), F(e_set)(c))); break;
      case MUL_EC: EACH F(e_store)(t + i, B, F(e_multiply)(F(e_load)(a + i, B), F(e_set)(c))); break;
      case MUL_EK: EACH F(e_store)(t + i, B, F(e_scale)(F(e_load)(a + i, B), SET1(c[0]))); break;
      case MAC_CF:
      case MAC_CE:
        // Steps of one kind into one target are summed before they are reduced.
        run = 1;
        while (s + run < program->step_count && program->steps[s + run].op == step.op &&
               program->steps[s + run].target == step.target) {
          run++;
        }
        EACH F(multiply_accumulate)(program, scratch, s, run, i);
        s += run - 1;
        break;
      case SET_C: EACH F(e_store)(t + i, B, F(e_set)(c)); break;
      default: break;
    }
  }
}

FORM static void F(rounds)(const extension_program *program, const extension_input *inputs,
                           size_t input_count, size_t half, size_t points, size_t begin,
                           size_t end, uint32_t *scratch, uint32_t sums[20]) {
  const size_t B = EXTENSION_BLOCK;
  E5 total[4];
  for (size_t t = 0; t < 4; t++) {
    for (size_t i = 0; i < 5; i++) total[t].c[i] = SET1(0);
  }
  for (size_t first = begin; first < end; first += B) {
    const size_t rows = end - first < B ? end - first : B;
    for (size_t k = 0; k < input_count; k++) {
      const extension_input input = inputs[k];
      for (size_t plane = 0; plane < input.planes; plane++) {
        const uint32_t *low = input.values + plane * input.stride + first, *high = low + half;
        uint32_t *at = scratch + (input.slot + plane) * B;
        uint32_t *difference = scratch + (input.difference + plane) * B;
        EACH {
          V l = LOAD(low + i), h = LOAD(high + i);
          if (input.is_canonical) {
            l = F(multiply)(l, R_SQUARED);
            h = F(multiply)(h, R_SQUARED);
          }
          STORE(at + i, h);
          STORE(difference + i, F(subtract)(h, l));
        }
      }
    }
    for (size_t t = 0; t < points; t++) {
      F(run_steps)(program, scratch, rows);
      const uint32_t *value = scratch + program->result * B;
      EACH total[t] = F(e_add)(total[t], F(e_load)(value + i, B));
      if (t + 1 == points) break;
      for (size_t k = 0; k < input_count; k++) {
        for (size_t plane = 0; plane < inputs[k].planes; plane++) {
          uint32_t *at = scratch + (inputs[k].slot + plane) * B;
          const uint32_t *difference = scratch + (inputs[k].difference + plane) * B;
          EACH STORE(at + i, F(add)(LOAD(at + i), LOAD(difference + i)));
        }
      }
    }
  }
  for (size_t t = 0; t < 4; t++) {
    for (size_t i = 0; i < 5; i++) {
      sums[5 * t + i] = F(lane_sum)(F(multiply)(total[t].c[i], SET1(1)));
    }
  }
}

FORM static void F(map)(const extension_program *program, const extension_input *inputs,
                        size_t input_count, size_t begin, size_t end, uint32_t *scratch,
                        const extension_output *outputs, size_t output_count) {
  const size_t B = EXTENSION_BLOCK;
  for (size_t first = begin; first < end; first += B) {
    const size_t rows = end - first < B ? end - first : B;
    for (size_t k = 0; k < input_count; k++) {
      for (size_t plane = 0; plane < inputs[k].planes; plane++) {
        const uint32_t *values = inputs[k].values + plane * inputs[k].stride + first;
        uint32_t *at = scratch + (inputs[k].slot + plane) * B;
        EACH {
          const V x = LOAD(values + i);
          STORE(at + i, inputs[k].is_canonical ? F(multiply)(x, R_SQUARED) : x);
        }
      }
    }
    F(run_steps)(program, scratch, rows);
    for (size_t k = 0; k < output_count; k++) {
      for (size_t plane = 0; plane < outputs[k].planes; plane++) {
        const uint32_t *at = scratch + (outputs[k].slot + plane) * B;
        uint32_t *values = outputs[k].values + plane * outputs[k].stride + first;
        if (outputs[k].planes == 1) {
          EACH STORE(values + i, F(multiply)(LOAD(at + i), SET1(1)));
        } else {
          EACH STORE(values + i, LOAD(at + i));
        }
      }
    }
  }
}

#define ROWS for (size_t i = begin; i < end; i += LANES)

FORM static void F(fold_base)(const uint32_t *low, const uint32_t *high, const uint32_t r[5],
                              size_t begin, size_t end, uint32_t *target, size_t stride) {
  const E5 factor = F(e_set)(r);
  ROWS {
    const V l = LOAD(low + i);
    // Times r in Montgomery form: canonical; times R^2 once more, with the low value in one sum.
    E5 x = F(e_scale)(factor, F(subtract)(LOAD(high + i), l));
    x.c[0] = F(add)(x.c[0], l);
    F(e_store)(target + i, stride, F(e_scale)(x, R_SQUARED));
  }
}

FORM static void F(fold)(const uint32_t *low, size_t half, size_t stride, uint32_t is_canonical,
                         const uint32_t r[5], size_t begin, size_t end, uint32_t *target,
                         size_t target_stride) {
  const E5 factor = F(e_set)(r);
  ROWS {
    const E5 l = F(e_load)(low + i, stride), h = F(e_load)(low + half + i, stride);
    const E5 x = F(e_add)(l, F(e_multiply)(F(e_subtract)(h, l), factor));
    F(e_store)(target + i, target_stride, is_canonical ? F(e_scale)(x, R_SQUARED) : x);
  }
}

FORM static void F(dot)(const uint32_t *weights, size_t stride, const uint32_t *base, size_t count,
                        uint32_t sum[5]) {
  W acc[5];
  for (size_t k = 0; k < 5; k++) acc[k] = (W){SET1(0), SET1(0)};
  for (size_t i = 0; i < count; i += LANES) {
    const V x = LOAD(base + i), odd = ODD_TO_EVEN(x);
    for (size_t k = 0; k < 5; k++) {
      const V w = LOAD(weights + k * stride + i);
      acc[k] = F(wide_cap)(F(wide_add)(acc[k], F(wide_product)(w, ODD_TO_EVEN(w), x, odd)));
    }
  }
  for (size_t k = 0; k < 5; k++) sum[k] = F(lane_sum)(F(wide_reduce)(acc[k]));
}

FORM static void F(accumulate)(const uint32_t *const *lanes, const uint32_t *coefficients,
                               size_t lane_count, size_t begin, size_t end, uint32_t *target,
                               size_t stride) {
  ROWS {
    W acc[5];
    for (size_t k = 0; k < 5; k++) acc[k] = (W){SET1(0), SET1(0)};
    for (size_t l = 0; l < lane_count; l++) {
      const V x = LOAD(lanes[l] + i), odd = ODD_TO_EVEN(x);
      for (size_t k = 0; k < 5; k++) {
        const V c = SET1(coefficients[5 * l + k]);
        acc[k] = F(wide_cap)(F(wide_add)(acc[k], F(wide_product)(c, c, x, odd)));
      }
    }
    for (size_t k = 0; k < 5; k++) {
      uint32_t *t = target + k * stride + i;
      STORE(t, F(add)(LOAD(t), F(wide_reduce)(acc[k])));
    }
  }
}

FORM static void F(product_round)(const uint32_t *w, size_t w_stride, const uint32_t *f,
                                  size_t f_stride, size_t half, size_t begin, size_t end,
                                  uint32_t sums[10]) {
  E5 one, two;
  for (size_t k = 0; k < 5; k++) one.c[k] = two.c[k] = SET1(0);
  ROWS {
    const E5 w0 = F(e_load)(w + i, w_stride), w1 = F(e_load)(w + half + i, w_stride);
    const E5 f0 = F(e_load)(f + i, f_stride), f1 = F(e_load)(f + half + i, f_stride);
    one = F(e_add)(one, F(e_multiply)(w1, f1));
    two = F(e_add)(two, F(e_multiply)(F(e_subtract)(F(e_add)(w1, w1), w0),
                                      F(e_subtract)(F(e_add)(f1, f1), f0)));
  }
  for (size_t k = 0; k < 5; k++) {
    sums[k] = F(lane_sum)(F(multiply)(one.c[k], SET1(1)));
    sums[5 + k] = F(lane_sum)(F(multiply)(two.c[k], SET1(1)));
  }
}

FORM static void F(eq_step)(uint32_t *values, size_t stride, const uint32_t r[5], size_t half) {
  const E5 factor = F(e_set)(r);
  for (size_t i = 0; i < half; i += LANES) {
    const E5 x = F(e_load)(values + i, stride), high = F(e_multiply)(x, factor);
    F(e_store)(values + half + i, stride, high);
    F(e_store)(values + i, stride, F(e_subtract)(x, high));
  }
}

// x^exponent of one word in Montgomery form, in every lane.
FORM static inline V F(power)(V x, size_t exponent) {
  V result = F(multiply)(SET1(1), R_SQUARED);
  for (; exponent > 0; exponent >>= 1) {
    if (exponent & 1) result = F(multiply)(result, x);
    x = F(multiply)(x, x);
  }
  return result;
}

FORM static void F(add_powers)(const uint32_t *points, const uint32_t *coefficients, size_t count,
                               size_t begin, size_t end, uint32_t *target, size_t stride) {
  // Blocks of rows stay in the cache while all points are added.
  for (size_t first = begin; first < end; first += 1024) {
    const size_t rows = end - first < 1024 ? end - first : 1024;
    for (size_t s = 0; s < count; s++) {
      const V x = SET1(points[s]);
      uint32_t lane[LANES], word[LANES];
      STORE(word, F(power)(x, first));
      STORE(lane, x);
      for (size_t j = 1; j < LANES; j++) {
        // x^(first + j), one after the other.
        V next = F(multiply)(SET1(word[j - 1]), x);
        STORE(lane, next);
        word[j] = lane[0];
      }
      V power = LOAD(word);
      const V step = F(power)(x, LANES);
      const E5 c = F(e_set)(coefficients + 5 * s);
      for (size_t i = 0; i < rows; i += LANES) {
        uint32_t *t = target + first + i;
        F(e_store)(t, stride, F(e_add)(F(e_load)(t, stride), F(e_scale)(c, power)));
        power = F(multiply)(power, step);
      }
    }
  }
}

FORM static void F(encode)(uint32_t *values, size_t begin, size_t end) {
  ROWS STORE(values + i, F(multiply)(LOAD(values + i), R_SQUARED));
}

FORM static void F(decode)(uint32_t *values, size_t begin, size_t end) {
  ROWS STORE(values + i, F(multiply)(LOAD(values + i), SET1(1)));
}

FORM static void F(products)(const uint32_t *values, size_t stride, size_t begin, size_t end,
                             uint32_t *prefix, uint32_t totals[80]) {
  for (size_t column = 0; column < 16; column += LANES) {
    E5 product;
    for (size_t k = 0; k < 5; k++) product.c[k] = SET1(0);
    product.c[0] = F(multiply)(SET1(1), R_SQUARED);
    for (size_t i = begin + column; i < end; i += 16) {
      F(e_store)(prefix + (i - begin), end - begin, product);
      product = F(e_multiply)(product, F(e_load)(values + i, stride));
    }
    F(e_store)(totals + column, 16, product);
  }
}

FORM static void F(inverses)(uint32_t *values, size_t stride, size_t begin, size_t end,
                             const uint32_t *prefix, const uint32_t totals[80]) {
  for (size_t column = 0; column < 16; column += LANES) {
    E5 rest = F(e_load)(totals + column, 16);
    for (size_t i = end + column; i > begin + column;) {
      i -= 16;
      const E5 x = F(e_load)(values + i, stride);
      F(e_store)(values + i, stride,
                 F(e_multiply)(rest, F(e_load)(prefix + (i - begin), end - begin)));
      rest = F(e_multiply)(rest, x);
    }
  }
}

static const extension_form F(extension_table) = {
    F(rounds), F(map),    F(fold_base), F(fold),   F(dot),      F(accumulate), F(product_round),
    F(eq_step), F(add_powers), F(encode), F(decode), F(products), F(inverses)};
