using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Threading;

using Agglestone.Json;
using Agglestone.Native;

namespace Agglestone;

/// <summary>All users that some calls can see.</summary>
internal sealed class UserPages(AgglestoneCalls calls, int size, CancellationToken cancellationToken)
    : AgglestonePageable<User>(cancellationToken)
{
    private readonly CancellationToken cancellation = cancellationToken;

    public override IAsyncEnumerable<Page<User>> AsPages(int first = 1, int? pageSize = null) =>
        PagesAsync(first, pageSize ?? size, cancellation);

    // A token that comes with the enumeration counts beside the one of the call.
    private async IAsyncEnumerable<Page<User>> PagesAsync(int first, int pageSize, [EnumeratorCancellation] CancellationToken token)
    {
        if (calls.IsSubstitute)
        {
            for (int? number = first; number is { } next;)
            {
                var page = await calls.GetUsersAsync(next, pageSize, token).ConfigureAwait(false);
                yield return page;
                number = page.NextPage;
            }

            yield break;
        }

        var operation = Operation.GetUsers(first, pageSize);
        try
        {
            while (operation is not null)
            {
                Page<User> page;
                Operation? next;
                using (var reply = await calls.RunAsync(operation, token).ConfigureAwait(false))
                {
                    page = ReplyBody.ReadPage(reply);
                    next = Operation.GetUsersAfter(reply);
                }

                operation.Dispose();
                operation = next;
                yield return page;
            }
        }
        finally
        {
            operation?.Dispose();
        }
    }
}
