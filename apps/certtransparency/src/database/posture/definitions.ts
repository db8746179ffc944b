/**
 * Every function, trigger and constraint that the log's safety rests on, with a digest of its definition, as the catalogues
 * of the database at hand have them. Definitions are spelled the same by every supported version of PostgreSQL; `NOT NULL`
 * is left out, since only newer ones list it.
 */
export const DEFINITIONS = `
SELECT format('function %s', p.oid::regprocedure) AS object,
  md5(concat_ws('|', p.prosrc, pg_get_function_sqlbody(p.oid), p.prosecdef, p.proconfig, p.provolatile)) AS digest
FROM pg_proc p WHERE p.pronamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('ct', 'ct_crl', 'ct_guard'))
UNION ALL
SELECT format('trigger %s on %s', t.tgname, t.tgrelid::regclass), md5(concat_ws('|', pg_get_triggerdef(t.oid), t.tgenabled))
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE NOT t.tgisinternal AND c.relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('ct', 'ct_crl'))
UNION ALL
SELECT format('constraint %s on %s', r.conname, r.conrelid::regclass),
  md5(concat_ws('|', pg_get_constraintdef(r.oid), r.convalidated))
FROM pg_constraint r
WHERE r.contype IN ('p', 'u', 'c', 'f')
  AND r.connamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('ct', 'ct_crl'))
UNION ALL
SELECT format('event trigger %s', evtname), md5(concat_ws('|', evtevent, evtfoid::regprocedure, evtenabled))
FROM pg_event_trigger WHERE evtname LIKE 'ct\\_guard\\_%'
ORDER BY 1`;
