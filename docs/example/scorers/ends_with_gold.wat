;; A scorer by hand: 1 if the completion ends with the reference answer, else 0, and an error where there is no reference answer.
(component
  (core module $scorer
    (memory (export "memory") 1)
    (data (i32.const 16) "there is no reference answer")
    ;; Where the next argument goes. Every completion gets an instance of its own, so nothing is ever freed.
    (global $free (mut i32) (i32.const 64))

    (func (export "realloc") (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
      (local $start i32)
      (local.set $start
        (i32.and
          (i32.sub (i32.add (global.get $free) (local.get $align)) (i32.const 1))
          (i32.sub (i32.const 0) (local.get $align))))
      (global.set $free (i32.add (local.get $start) (local.get $size)))
      (block $fits
        (br_if $fits (i32.le_u (global.get $free) (i32.shl (memory.size) (i32.const 16))))
        (drop (memory.grow (i32.add (i32.shr_u (local.get $size) (i32.const 16)) (i32.const 1)))))
      (local.get $start))

    ;; The result lies at 0: a byte that tells a value from an error, and at 8 the value, or the error's place and length.
    (func (export "score")
      (param $text i32) (param $text_length i32)
      (param $has_gold i32) (param $gold i32) (param $gold_length i32)
      (param $options i32) (param $num_options i32) (param $facts i32) (param $facts_length i32)
      (param $num_tokens i32) (param $truncated i32)
      (result i32)
      (local $offset i32)
      (if (i32.eqz (local.get $has_gold))
        (then
          (i32.store8 (i32.const 0) (i32.const 1))
          (i32.store (i32.const 8) (i32.const 16))
          (i32.store (i32.const 12) (i32.const 28))
          (return (i32.const 0))))
      (if (i32.gt_u (local.get $gold_length) (local.get $text_length))
        (then (return (i32.const 0))))
      (local.set $text
        (i32.sub (i32.add (local.get $text) (local.get $text_length)) (local.get $gold_length)))
      (loop $next
        (if (i32.lt_u (local.get $offset) (local.get $gold_length))
          (then
            (if (i32.ne
                  (i32.load8_u (i32.add (local.get $text) (local.get $offset)))
                  (i32.load8_u (i32.add (local.get $gold) (local.get $offset))))
              (then (return (i32.const 0))))
            (local.set $offset (i32.add (local.get $offset) (i32.const 1)))
            (br $next))))
      (f64.store (i32.const 8) (f64.const 1))
      (i32.const 0)))

  (core instance $scorer (instantiate $scorer))
  (func (export "score")
    (param "completion" string)
    (param "gold" (option string))
    (param "options" (list string))
    (param "facts" string)
    (param "num-tokens" u32)
    (param "truncated" bool)
    (result (result f64 (error string)))
    (canon lift
      (core func $scorer "score")
      (memory $scorer "memory")
      (realloc (func $scorer "realloc")))))
