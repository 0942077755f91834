using System;
using System.Diagnostics.CodeAnalysis;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;

using Agglestone.Json;
using Agglestone.Native;

namespace Agglestone;

/// <summary>
/// The calls that can be made with the API key (<see cref="AgglestoneClient"/>) as well as by a user
/// (<see cref="AgglestoneUserClient"/>). Every problem of an asynchronous call arrives through its task.
/// </summary>
public abstract partial class AgglestoneCalls
{
    private protected AgglestoneCalls()
    {
    }

    /// <summary>The same calls with other times or retries, as for a page that must not keep its visitor waiting.</summary>
    /// <param name="options">What differs; what is null in it stays as it is.</param>
    [SuppressMessage("Naming", "CA1716", Justification = "Only Visual Basic reserves it, and not behind a dot.")]
    public abstract AgglestoneCalls With(AgglestoneCallOptions options);

    /// <summary>One page of the tenant's users.</summary>
    /// <param name="pageNumber">Which page, counted from 1.</param>
    /// <param name="pageSize">How many users a page, 1 to 100.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="AgglestoneException">The call failed; the class says how.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed, or was during the call.</exception>
    public virtual async Task<Page<User>> GetUsersAsync(
        int pageNumber = 1, int pageSize = 10, CancellationToken cancellationToken = default)
    {
        using var operation = Operation.GetUsers(pageNumber, pageSize);
        using var reply = await RunAsync(operation, cancellationToken).ConfigureAwait(false);
        return ReplyBody.ReadPage(reply);
    }

    /// <summary>All users, page by page as they are asked for, or the pages themselves.</summary>
    /// <param name="pageSize">How many users to fetch at a time, 1 to 100.</param>
    /// <param name="cancellationToken">Ends the iteration.</param>
    /// <inheritdoc cref="GetUsersAsync" path="/exception"/>
    public virtual AgglestonePageable<User> IterateUsersAsync(int pageSize = 100, CancellationToken cancellationToken = default) =>
        new UserPages(this, pageSize, cancellationToken);

    /// <summary>One user.</summary>
    /// <param name="userId">The user's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <inheritdoc cref="GetUsersAsync" path="/exception"/>
    public virtual async Task<User> GetUserAsync(string userId, CancellationToken cancellationToken = default)
    {
        using var operation = Operation.GetUser(userId);
        using var reply = await RunAsync(operation, cancellationToken).ConfigureAwait(false);
        return ReplyBody.ReadUser(reply);
    }

    /// <summary>Any other call to the tenant.</summary>
    /// <param name="request">What to send.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <inheritdoc cref="GetUsersAsync" path="/exception"/>
    public virtual async Task<AgglestoneResponse> RequestAsync(AgglestoneRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        using var operation = Operation.Request(request);
        using var reply = await RunAsync(operation, cancellationToken).ConfigureAwait(false);
        return new AgglestoneResponse(reply);
    }

    /// <summary>Any other call to the tenant, without query and headers of its own.</summary>
    /// <param name="method">GET, HEAD, POST, PUT, PATCH or DELETE.</param>
    /// <param name="path">What follows the tenant in the URL, such as <c>api/v2.0/Users</c>.</param>
    /// <param name="json">The body as JSON text; null sends none.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <inheritdoc cref="GetUsersAsync" path="/exception"/>
    public virtual async Task<AgglestoneResponse> RequestAsync(
        HttpMethod method, string path, string? json = null, CancellationToken cancellationToken = default) =>
        await RequestAsync(new AgglestoneRequest(method, path) { Json = json }, cancellationToken).ConfigureAwait(false);

    /// <summary>Whether nothing stands behind these calls but what a test overrides.</summary>
    internal abstract bool IsSubstitute { get; }

    /// <summary>Runs an operation, with whatever credential this is about.</summary>
    internal abstract Task<Reply> RunAsync(Operation operation, CancellationToken cancellationToken);

    /// <summary>The same for blocking calls.</summary>
    internal abstract Reply Run(Operation operation, CancellationToken cancellationToken);

    /// <summary>The error for a member of a substitute that is not overridden.</summary>
    private protected InvalidOperationException Substitute() =>
        new($"{GetType().Name} was made by its protected constructor, as a substitute: it has to override what is called");
}
