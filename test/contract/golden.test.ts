import { describe, expect, it } from 'vitest';
import { ALERT_GROUP } from '../../src/state/alert-group-versions.ts';
import { about, members, name } from '../../src/state/shapes.ts';
import { goldenDocuments, KINDS, missingMembers, recordedSchemas, schemaHash } from './support/golden-documents.ts';

const golden = goldenDocuments();
const HOW =
  'CONTRIBUTING.md, "Changing a stored document", says how: an optional member that older replicas may ignore goes into the golden document ' +
  'of this version; anything else needs the next version `v`, a migration and a golden document of its own. Then record the hash in ' +
  'test/contract/golden/schemas.json';

describe.each(KINDS)('the $name', (kind) => {
  const own = golden.filter((one) => one.kind === kind);

  it('has a golden document of each version from 1 to the present one', () => {
    const versions = Array.from({ length: kind.version }, (_, index) => index + 1);
    expect(own.map(({ version }) => version).sort()).toEqual(versions);
    expect(Object.keys(recordedSchemas()[kind.index] ?? {}).map(Number)).toEqual(versions);
  });

  it('has the schema that is recorded for its version', () => {
    expect(schemaHash(kind.schema), `The schema of version ${kind.version} has changed. ${HOW}.`).toBe(
      recordedSchemas()[kind.index]?.[kind.version],
    );
  });

  it('has every member of the schema of its version in the golden document', () => {
    for (const { version, body } of own) {
      const schema = version === kind.version ? kind.schema : kind.migrations[version]?.from;
      expect(missingMembers(schema, [body]), `Add these members to version ${version}. ${HOW}.`).toEqual([]);
    }
  });

  it('is found by the same indexed members in every version', () => {
    for (const { file, indexed, body, current } of own) {
      expect(body['v'], file).toBe(Number(/\.v(\d+)\./.exec(file)?.[1]));
      const searched = Object.fromEntries(kind.indexed.map((member) => [member, current[member]]));
      expect(indexed, 'A search finds what is stored, before any migration: these members are never renamed or changed').toEqual(
        searched,
      );
    }
  });

  it('is migrated without a change to what was read, and to the same document again', () => {
    for (const { body, current } of own) {
      const before = JSON.stringify(body);
      expect(kind.read(body)).toEqual({ ok: true, document: current });
      expect(JSON.stringify(body)).toBe(before);
      expect(kind.read(current)).toEqual({ ok: true, document: current });
    }
  });
});

describe('the hash of a schema', () => {
  it('changes with a member and its type, and not with what is said of it', () => {
    const before = schemaHash(members({ rule: name }));
    expect(schemaHash(members({ rule: about('The id of the rule.', name) }))).toBe(before);
    expect(schemaHash(members({ rule: name, title: name }))).not.toBe(schemaHash(members({ rule: name, description: name })));
    expect(schemaHash(members({ role: name }))).not.toBe(before);
  });

  it('finds a member that a golden document lacks, however deep', () => {
    const [one] = golden.filter(({ kind, version }) => kind.index === 'alert-groups' && version === ALERT_GROUP.version);
    const { inflight, ...rest } = one?.body ?? {};
    expect(missingMembers(ALERT_GROUP.schema, [rest])).toEqual(['.inflight']);
    expect(missingMembers(ALERT_GROUP.schema, [{ ...rest, inflight: { ...(inflight as object), facts: {} } }])).toContain(
      '.inflight.facts.incident',
    );
  });
});
