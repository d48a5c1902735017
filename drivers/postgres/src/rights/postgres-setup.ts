// What a database administrator runs once, and again whenever subscriptions change: a role and a schema for each service, and a function for each
// subscription that another service has. Invariant: it can be run any number of times; afterwards a role has these rights and no others that an earlier run gave.

import type { EngineSetup, EventLogRead } from 'tidings/ports'
import { quoted, quotedText } from '../database/postgres-names.ts'
import { commentStart, placeOf, type StorePlace } from '../database/postgres-schema.ts'
import { readFunctionName, readFunctionStatement } from './postgres-read-functions.ts'

/** The role of a service has the name of its schema. */
export const roleOf = ({ schemaName }: StorePlace): string => schemaName

/** The setup of a database for services whose roles can read nothing of one another. */
export function postgresSetup(schemaPrefix: string): EngineSetup {
  return {
    name: 'postgres-sql',
    text: (services, reads) => {
      const places = new Map(services.map((service) => [service, placeOf(schemaPrefix, service)]))
      const statements = [...places.values()].flatMap((place) => [
        ...serviceStatements(place),
        ...forgetFunctions(place),
        ...reads.flatMap((read) => subscriptionStatements(place, read, places.get(read.service))),
      ])
      return [...opening, ...statements.map((statement) => `${statement};`), 'COMMIT;', ''].join('\n')
    },
  }
}

const opening = [
  '-- Roles and rights of the services. Run this as a role that may create roles and schemas, again whenever a subscription has changed.',
  '-- The roles have no passwords yet: ALTER ROLE … PASSWORD, or what pg_hba.conf says.',
  'BEGIN;',
  // The tables of a service are created when it starts for the first time.
  'SET LOCAL check_function_bodies = off;',
]

function serviceStatements(place: StorePlace): readonly string[] {
  const role = quoted(roleOf(place))
  const isThere = `EXISTS (SELECT FROM pg_roles WHERE rolname = ${quotedText(roleOf(place))})`
  return [
    `\n-- ${place.service}\nDO $role$ BEGIN IF NOT ${isThere} THEN CREATE ROLE ${role} LOGIN; END IF; END $role$`,
    `GRANT ${role} TO CURRENT_USER`,
    `CREATE SCHEMA IF NOT EXISTS ${place.schema} AUTHORIZATION ${role}`,
    `ALTER SCHEMA ${place.schema} OWNER TO ${role}`,
    `COMMENT ON SCHEMA ${place.schema} IS ${quotedText(commentStart + place.service)}`,
    `ALTER DEFAULT PRIVILEGES FOR ROLE ${role} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC`,
  ]
}

// Functions of subscriptions that are no longer declared go, and with them the rights to call them, and to look into the schema.
function forgetFunctions({ schemaName }: StorePlace): readonly string[] {
  return [
    `DO $forget$ DECLARE each regprocedure; each_role oid; BEGIN
  FOR each IN SELECT p.oid FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
      WHERE n.nspname = ${quotedText(schemaName)} AND starts_with(p.proname, 'tidings_read/') LOOP
    EXECUTE format('DROP FUNCTION %s', each);
  END LOOP;
  FOR each_role IN SELECT DISTINCT a.grantee FROM pg_namespace n, aclexplode(n.nspacl) a
      WHERE n.nspname = ${quotedText(schemaName)} AND a.grantee <> n.nspowner LOOP
    EXECUTE format('REVOKE ALL ON SCHEMA %I FROM %s', ${quotedText(schemaName)},
      CASE WHEN each_role = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(each_role)) END);
  END LOOP;
END $forget$`,
  ]
}

function subscriptionStatements(
  source: StorePlace,
  read: EventLogRead,
  reader: StorePlace | undefined,
): readonly string[] {
  if (read.source !== source.service || reader === undefined) return []
  const name = `${source.in(readFunctionName(read))}(bigint, int, text[], int, int)`
  const role = quoted(roleOf(reader))
  return [
    readFunctionStatement(source, read),
    `ALTER FUNCTION ${name} OWNER TO ${quoted(roleOf(source))}`,
    `REVOKE ALL ON FUNCTION ${name} FROM PUBLIC`,
    `GRANT USAGE ON SCHEMA ${source.schema} TO ${role}`,
    `GRANT EXECUTE ON FUNCTION ${name} TO ${role}`,
  ]
}
