using System;
using System.Text.Json;

using Agglestone.Errors;
using Agglestone.Native;

namespace Agglestone.Json;

/// <summary>Reads the body of a reply where it lies, without a copy.</summary>
internal static class Body
{
    // The library has refused deeper ones already; the reader's own limit of 64 would refuse what it accepts.
    private static readonly JsonReaderOptions Options = new() { MaxDepth = AgglestoneJson.MaxDepth };
    private static readonly UserPageConverter Page = new();

    internal static User ReadUser(Reply reply)
    {
        try
        {
            var reader = new Utf8JsonReader(reply.Body, Options);
            reader.Read();
            return UserConverter.Read(ref reader);
        }
        catch (Exception problem) when (IsAboutContent(problem))
        {
            throw Unexpected("a user", reply.Status, reply.Attempts, problem);
        }
    }

    internal static Page<User> ReadPage(Reply reply)
    {
        try
        {
            var reader = new Utf8JsonReader(reply.Body, Options);
            reader.Read();
            return Page.Read(ref reader, AgglestoneJson.UserPage.Options, reply.NextPage, isReply: true);
        }
        catch (Exception problem) when (IsAboutContent(problem))
        {
            throw Unexpected("a page of users", reply.Status, reply.Attempts, problem);
        }
    }

    /// <summary>Whether this is what System.Text.Json throws about what it reads, such as text with half a surrogate pair.</summary>
    internal static bool IsAboutContent(Exception problem) => problem is JsonException or InvalidOperationException or NotSupportedException;

    /// <summary>The error for an answer of another shape than promised.</summary>
    internal static AgglestoneResponseException Unexpected(string promised, int status, int attempts, Exception problem) => new(
        new ErrorDetails
        {
            Code = AgglestoneErrorCode.InvalidResponse,
            Message = $"the service answered {status} with something else than {promised}: {problem.Message}",
            HttpStatus = status,
            Attempts = attempts,
        },
        problem);
}
