using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Agglestone.Json;

/// <summary>A page as JSON. Its items are written and read by what the options know of their type, generated or not.</summary>
internal class PageConverter<T> : JsonConverter<Page<T>>
{
    private static readonly FieldNames Known = new("data", "pageNumber", "pageSize", "totalRecords", "totalCount", "nextPage");

    /// <inheritdoc/>
    public override Page<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Read(ref reader, options, next: null, response: null);

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Page<T> value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("data");
        foreach (var item in value.Data)
        {
            WriteItem(writer, item, options);
        }

        writer.WriteEndArray();
        Fields.WriteNumber(writer, "pageNumber", value.PageNumber, value.Extra);
        Fields.WriteNumber(writer, "pageSize", value.PageSize, value.Extra);
        Fields.WriteNumber(writer, "totalRecords", value.TotalRecords, value.Extra);
        if (!value.Extra.ContainsKey("nextPage"))
        {
            Fields.WriteNumber(writer, "nextPage", value.NextPage, value.Extra);
        }


        Fields.WriteExtra(writer, value.Extra);
        writer.WriteEndObject();
    }

    /// <summary>Reads the object that <paramref name="reader"/> stands on.</summary>
    /// <param name="reader">The JSON.</param>
    /// <param name="options">How to read items.</param>
    /// <param name="next">What the library says is the next page.</param>
    /// <param name="response">What came with it, if this is the service's own answer, whose next page is the library's to say.</param>
    internal Page<T> Read(ref Utf8JsonReader reader, JsonSerializerOptions options, int? next, AgglestoneResponseInfo? response)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw Fields.Mismatch(ref reader, "a page", "an object");
        }

        IReadOnlyList<T> data = [];
        int? pageNumber = null, pageSize = null;
        long? totalRecords = null;
        Dictionary<string, JsonElement>? extra = null;
        var expected = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = Known.Read(ref reader, ref expected);
            reader.Read();
            switch (field)
            {
                case "data":
                    data = ReadItems(ref reader, options);
                    break;
                case "pageNumber":
                    pageNumber = Fields.ReadInt32(ref reader, field);
                    break;
                case "pageSize":
                    pageSize = Fields.ReadInt32(ref reader, field);
                    break;
                case "totalRecords":
                    totalRecords = Fields.ReadCount(ref reader, field, ref extra) ?? totalRecords;
                    break;
                // As sister services call it.
                case "totalCount" when totalRecords is null:
                    totalRecords = Fields.ReadCount(ref reader, field, ref extra);
                    break;
                case "nextPage" when response is null && reader.TokenType is JsonTokenType.Number or JsonTokenType.Null:
                    next = Fields.ReadInt32(ref reader, field);
                    break;
                default:
                    Fields.ReadExtra(ref reader, field, ref extra);
                    break;
            }
        }

        return new Page<T>
        {
            Data = data,
            PageNumber = pageNumber,
            PageSize = pageSize,
            TotalRecords = totalRecords,
            NextPage = next,
            Response = response,
            Extra = extra ?? (IReadOnlyDictionary<string, JsonElement>)ReadOnlyDictionary<string, JsonElement>.Empty,
        };
    }

    /// <summary>Reads one item.</summary>
    protected virtual T ReadItem(ref Utf8JsonReader reader, JsonSerializerOptions options) =>
        JsonSerializer.Deserialize(ref reader, Item(options))!;

    /// <summary>Writes one item.</summary>
    protected virtual void WriteItem(Utf8JsonWriter writer, T item, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, item, Item(options));

    private static JsonTypeInfo<T> Item(JsonSerializerOptions options) => (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));

    private List<T> ReadItems(ref Utf8JsonReader reader, JsonSerializerOptions options)
    {
        var items = new List<T>();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return items;
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw Fields.Mismatch(ref reader, "data", "an array");
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            items.Add(ReadItem(ref reader, options));
        }

        return items;
    }
}

/// <summary>A page of users, which needs nothing of the options.</summary>
internal sealed class UserPageConverter : PageConverter<User>
{
    /// <inheritdoc/>
    protected override User ReadItem(ref Utf8JsonReader reader, JsonSerializerOptions options) => UserConverter.Read(ref reader);

    /// <inheritdoc/>
    protected override void WriteItem(Utf8JsonWriter writer, User item, JsonSerializerOptions options) => UserConverter.Write(writer, item);
}
