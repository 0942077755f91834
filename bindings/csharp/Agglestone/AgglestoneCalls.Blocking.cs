using System;
using System.Collections.Generic;
using System.Net.Http;
using System.Threading;

using Agglestone.Json;
using Agglestone.Native;

namespace Agglestone;

/// <content>The same calls for code that waits. They need no thread of the pool and can't deadlock with a caller's context.</content>
public abstract partial class AgglestoneCalls
{
    /// <inheritdoc cref="GetUsersAsync"/>
    public virtual Page<User> GetUsers(int pageNumber = 1, int pageSize = 10, CancellationToken cancellationToken = default)
    {
        using var operation = Operation.GetUsers(pageNumber, pageSize);
        using var reply = Run(operation, cancellationToken);
        return ReplyBody.ReadPage(reply);
    }

    /// <inheritdoc cref="IterateUsersAsync"/>
    public virtual IEnumerable<User> IterateUsers(int pageSize = 100, CancellationToken cancellationToken = default)
    {
        foreach (var page in Pages(pageSize, cancellationToken))
        {
            foreach (var user in page.Data)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return user;
            }
        }
    }

    /// <inheritdoc cref="GetUserAsync"/>
    public virtual User GetUser(string userId, CancellationToken cancellationToken = default)
    {
        using var operation = Operation.GetUser(userId);
        using var reply = Run(operation, cancellationToken);
        return ReplyBody.ReadUser(reply);
    }

    /// <inheritdoc cref="RequestAsync(AgglestoneRequest, CancellationToken)"/>
    public virtual AgglestoneResponse Request(AgglestoneRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        using var operation = Operation.Request(request);
        using var reply = Run(operation, cancellationToken);
        return new AgglestoneResponse(reply);
    }

    /// <inheritdoc cref="RequestAsync(HttpMethod, string, string?, CancellationToken)"/>
    public virtual AgglestoneResponse Request(
        HttpMethod method, string path, string? json = null, CancellationToken cancellationToken = default) =>
        Request(new AgglestoneRequest(method, path) { Json = json }, cancellationToken);

    private IEnumerable<Page<User>> Pages(int pageSize, CancellationToken cancellationToken)
    {
        if (IsSubstitute)
        {
            for (int? number = 1; number is { } asked;)
            {
                var page = GetUsers(asked, pageSize, cancellationToken);
                yield return page;
                number = page.NextPage;
            }

            yield break;
        }

        var operation = Operation.GetUsers(1, pageSize);
        try
        {
            while (operation is not null)
            {
                Page<User> page;
                Operation? next;
                using (var reply = Run(operation, cancellationToken))
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
