using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Threading;

using Agglestone.Errors;

namespace Agglestone;

/// <summary>Makes what calls answer and throw, for the substitute of a client in an application's tests.</summary>
public static class AgglestoneModelFactory
{
    /// <summary>A user. Everything can be set with an object initializer as well.</summary>
    public static User User(
        string userId,
        string? email = null,
        string? displayName = null,
        string? userType = "Standard",
        bool? enabled = true,
        DateTimeOffset? lastLoggedIn = null,
        DateTimeOffset? lastTokenRefresh = null,
        bool? owner = false,
        bool? requirePasswordReset = false,
        IReadOnlyDictionary<string, JsonElement>? extra = null) => new()
        {
            UserId = userId,
            Email = email,
            DisplayName = displayName,
            UserType = userType,
            Enabled = enabled,
            LastLoggedIn = lastLoggedIn,
            LastTokenRefresh = lastTokenRefresh,
            Owner = owner,
            RequirePasswordReset = requirePasswordReset,
            Extra = extra ?? ReadOnlyDictionary<string, JsonElement>.Empty,
        };

    /// <summary>A page, the last one unless <paramref name="nextPage"/> says otherwise.</summary>
    public static Page<T> Page<T>(
        IReadOnlyList<T> data, int pageNumber = 1, int pageSize = 100, long? totalRecords = null, int? nextPage = null) => new()
        {
            Data = data,
            PageNumber = pageNumber,
            PageSize = pageSize,
            TotalRecords = totalRecords,
            NextPage = nextPage,
        };

    /// <summary>What <see cref="AgglestoneCalls.IterateUsersAsync"/> answers, with these pages in it.</summary>
    public static AgglestonePageable<T> Pageable<T>(params Page<T>[] pages)
    {
        ArgumentNullException.ThrowIfNull(pages);
        return AgglestonePageable<T>.FromPages(pages);
    }

    /// <summary>A user's token.</summary>
    public static UserToken UserToken(string value, DateTimeOffset? expiresAt = null) => new(value, expiresAt);

    /// <summary>The answer to a request.</summary>
    public static AgglestoneResponse Response(
        HttpStatusCode statusCode = HttpStatusCode.OK,
        string body = "",
        IReadOnlyDictionary<string, string>? headers = null,
        int attempts = 1) => new(statusCode, Encoding.UTF8.GetBytes(body), headers, attempts);

    /// <summary>What came with an answer, for <c>Response</c> of a user or a page.</summary>
    public static AgglestoneResponseInfo ResponseInfo(
        HttpStatusCode statusCode = HttpStatusCode.OK, IReadOnlyDictionary<string, string>? headers = null, int attempts = 1) =>
        new(statusCode, headers, attempts);

    /// <summary>The exception that a call throws for an error of this class, with everything that the service may have said.</summary>
    public static Exception Error(
        AgglestoneErrorCode code,
        string message = "",
        int? httpStatus = null,
        string? requestId = null,
        TimeSpan? retryAfter = null,
        bool isRetryable = false,
        string? serviceMessage = null,
        string? argument = null,
        int attempts = 1) => ExceptionTable.Create(
            new ErrorDetails
            {
                Code = code,
                Message = message,
                HttpStatus = httpStatus,
                RequestId = requestId,
                RetryAfter = retryAfter,
                IsRetryable = isRetryable,
                ServiceMessage = serviceMessage,
                Argument = argument,
                Attempts = attempts,
            },
            CancellationToken.None);
}
