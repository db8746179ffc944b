import { Findings, together } from './findings';

const finding = (table: string, index: number) => ({
  table,
  index,
  code: 'row_differs',
  detail: 'kind not as it should be',
});

describe('findings', () => {
  it('are listed one by one at first and counted then, each kind by itself', () => {
    const findings = new Findings();
    for (let index = 0; index < 1000; index += 1) findings.add(finding('ct.entry', index));
    findings.add(finding('ct.tile', 7));
    const { total, listed, remainders } = findings.things;
    expect(total).toBe(1001);
    expect(listed.map(({ table, index }) => `${table} ${index}`)).toEqual([
      ...Array.from({ length: 20 }, (_, index) => `ct.entry ${index}`),
      'ct.tile 7',
    ]);
    expect(remainders).toEqual([{ table: 'ct.entry', code: 'row_differs', count: 980 }]);
  });

  it('of several audits are added up', () => {
    const [first, second] = [new Findings(), new Findings()];
    first.add(finding('ct.entry', 1));
    second.add(finding('ct.tile', 2));
    const both = together(first.things, second.things);
    expect(both).toEqual({ total: 2, listed: [finding('ct.entry', 1), finding('ct.tile', 2)], remainders: [] });
  });
});
