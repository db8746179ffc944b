import { DomainError } from '.';

const failing = (status: number) => () => new DomainError({ code: 'some_failure', status, title: 'Some failure' });

describe('the stack of a failure', () => {
  it('is taken where the fault is ours', () => {
    expect(failing(500)().stack).toContain('domain-error.spec');
  });

  it('is not taken for a mistake of the caller, and still is for the next error', () => {
    expect(failing(404)().stack).not.toContain(' at ');
    expect(new Error('next').stack).toContain('domain-error.spec');
  });
});
